"""What Basiq makes of transactions: enrichment, income, expenses, affordability, reports (providers/basiq.md, 5.3)."""
