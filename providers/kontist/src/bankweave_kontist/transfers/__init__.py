"""Transfers: ordered, confirmed, changed, cancelled, read (section 7)."""
