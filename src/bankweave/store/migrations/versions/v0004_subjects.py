"""What providers call the persons of connections; and an owner with no text is nobody from now on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("connections", sa.Column("subject", sa.Text, nullable=True))
    op.create_index("ix_connections_subject", "connections", ["subject"])
    # Before, an application could connect persons without an id. They must not be taken for nobody, and are told apart.
    op.execute("UPDATE connections SET owner = id WHERE owner = ''")
    op.execute("UPDATE flows SET owner = connection_id WHERE owner = ''")
