"""What Alembic runs: the versions, on the connection and within the transaction of the caller."""

from __future__ import annotations

from alembic import context

from bankweave.store import schema

context.configure(
    connection=context.config.attributes["connection"], target_metadata=schema.metadata, transactional_ddl=True
)
context.run_migrations()
