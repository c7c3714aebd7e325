"""Taxes: declarations, what they are reckoned from, and a person's tax numbers and years."""
