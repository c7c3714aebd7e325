"""Quotas of providers, the bank that a flow is about, syncs that are due, and the histories of consents and accesses."""

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
    op.add_column("connections", sa.Column("due_since", sa.Text, nullable=True))
    _histories()


def _histories() -> None:
    op.create_table(
        "consents",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_consents"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_consents_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_consents_connection_id", "consents", ["connection_id"])
    op.create_table(
        "accesses",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=True),
        sa.Column("rows", sa.Integer, nullable=True),
        sa.Column("consent_number", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_accesses"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_accesses_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_accesses_connection_id", "accesses", ["connection_id"])
