"""Reads an SAP Datasphere tenant by OAuth, HTTP, OData and CSN."""
