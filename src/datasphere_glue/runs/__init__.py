"""Carries out a run, from the event to the announced result; `lifecycle` is its story."""
