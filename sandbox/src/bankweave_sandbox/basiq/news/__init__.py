"""What the API tells of happenings: events, webhooks, and the messages to them."""
