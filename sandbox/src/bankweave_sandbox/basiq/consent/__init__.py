"""Consents, and the pages on which people give them."""
