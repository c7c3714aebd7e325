"""Webhooks: who is told of events, and what was sent."""
