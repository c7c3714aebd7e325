"""The GraphQL documents, a module for each topic. They ask for the fields that are used, and for no others."""

from bankweave_kontist.queries.query import Query, query

__all__ = ["Query", "query"]
