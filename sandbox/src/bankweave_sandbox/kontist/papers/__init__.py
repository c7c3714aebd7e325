"""Papers: statements, submitted declarations and receipts that came by mail, as lists and as PDFs."""
