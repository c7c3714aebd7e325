"""The banks that Basiq reaches: connectors, what they ask, how they refuse."""
