"""Signing in, and renewing access (section 2)."""
