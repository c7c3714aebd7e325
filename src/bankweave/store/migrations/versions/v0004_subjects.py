"""What providers call the persons of connections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("connections", sa.Column("subject", sa.Text, nullable=True))
    op.create_index("ix_connections_subject", "connections", ["subject"])
