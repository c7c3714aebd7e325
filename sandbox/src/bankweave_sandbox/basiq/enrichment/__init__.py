"""Enrich: who is behind a transaction, and of what kind it is."""
