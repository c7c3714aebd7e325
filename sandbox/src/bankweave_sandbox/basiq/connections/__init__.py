"""Connections, and whose they are."""
