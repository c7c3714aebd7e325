"""What only the client shows of transactions: filters, search, pages, categories, splits (section 6.4)."""
