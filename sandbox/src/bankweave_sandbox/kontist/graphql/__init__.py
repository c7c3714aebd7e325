"""GraphQL: the schema, who may read what, and a request on its way to an answer."""
