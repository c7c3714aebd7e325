"""What Basiq makes of transactions: income, expenses, affordability, reports (providers/basiq.md, 5.3)."""
