"""Accounts and transactions as they were retrieved."""
