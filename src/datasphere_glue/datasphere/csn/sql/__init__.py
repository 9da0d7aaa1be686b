"""Reads which tables a text in SAP HANA's SQL or SQLScript names, and what of it stays open."""
