"""The hosted sign-in page: what an application asks for, and what the person answers."""
