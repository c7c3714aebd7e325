"""What the API tells of the banks: connectors, institutions, logos."""
