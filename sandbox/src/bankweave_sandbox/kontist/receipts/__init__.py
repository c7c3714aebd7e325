"""Receipts: files for transactions, drafts that begin with one, and payments that people write in."""
