"""Accounts and transactions as they are told."""
