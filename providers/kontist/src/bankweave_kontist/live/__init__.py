"""Events as they happen: the subscription and its socket (section 6.6)."""
