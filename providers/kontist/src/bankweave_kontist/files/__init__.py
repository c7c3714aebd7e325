"""Files that Kontist keeps: fetched, and uploaded."""
