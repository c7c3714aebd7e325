"""Cards: their records, rules, secrets and neutral words (section 8)."""
