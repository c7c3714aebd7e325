"""Events: what has happened, for a week."""
