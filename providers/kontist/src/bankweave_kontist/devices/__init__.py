"""Devices that are bound to a user, and their keys (section 4)."""
