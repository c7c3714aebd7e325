"""Where connections, flows and rows are kept: the port, and its implementations."""
