"""Live events: open WebSockets, and what is said over them."""
