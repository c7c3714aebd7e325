"""Jobs: what the API tells of what runs."""
