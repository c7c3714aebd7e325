"""The banks that Basiq reaches: what opens them, what they ask, how they refuse."""
