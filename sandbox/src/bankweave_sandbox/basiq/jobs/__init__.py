"""Jobs: what runs, and how it is told."""
