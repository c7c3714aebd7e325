"""How often something was used that a provider grants so often, and which bank a flow is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "quota_uses",
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "name", "at", name="pk_quota_uses"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_quota_uses_connection_id", ondelete="CASCADE"
        ),
    )
    for name in ("institution_id", "country"):
        op.add_column("flows", sa.Column(name, sa.Text, nullable=True))
