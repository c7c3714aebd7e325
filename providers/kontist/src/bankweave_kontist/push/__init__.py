"""The push to the Kontist app (section 3)."""
