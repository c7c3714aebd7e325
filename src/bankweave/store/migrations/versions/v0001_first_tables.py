"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _people()
    _accounts()
    _rows()


def _people() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("adapter", sa.Text, nullable=False),
        sa.Column("institution_id", sa.Text, nullable=True),
        sa.Column("institution_name", sa.Text, nullable=True),
        sa.Column("consent", sa.Text, nullable=True),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("synced_at", sa.Text, nullable=True),
        sa.Column("unpulled_since", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
    )
    op.create_index("ix_connections_owner", "connections", ["owner"])
    op.create_table(
        "grants",
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name="pk_grants"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_grants_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "flows",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("adapter", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.Text, nullable=True),
        sa.Column("correlation", sa.Text, nullable=True),
        sa.Column("poll_at", sa.Text, nullable=True),
        sa.Column("expires_at", sa.Text, nullable=True),
        sa.Column("failure", sa.Text, nullable=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flows"),
    )
    op.create_index("ix_flows_connection_id", "flows", ["connection_id"])
    op.create_index("ix_flows_correlation", "flows", ["correlation"])
    op.create_index("ix_flows_owner", "flows", ["owner"])
    op.create_index("ix_flows_status", "flows", ["status"])
    op.create_table(
        "secrets",
        sa.Column("adapter", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("adapter", "owner", "name", name="pk_secrets"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("provider_id", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("provider_type", sa.Text, nullable=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("iban", sa.Text, nullable=True),
        sa.Column("bic", sa.Text, nullable=True),
        sa.Column("number", sa.Text, nullable=True),
        sa.Column("owner_name", sa.Text, nullable=True),
        sa.Column("credit_limit", sa.Text, nullable=True),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_accounts_connection_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("connection_id", "provider_id", name="uq_accounts_connection_id"),
    )
    op.create_table(
        "balances",
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("amount", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("observed_at", sa.Text, nullable=False),
        sa.Column("reference_date", sa.Text, nullable=True),
        sa.Column("credit_limit_included", sa.Boolean, nullable=True),
        sa.PrimaryKeyConstraint("account_id", "type", name="pk_balances"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_balances_account_id", ondelete="CASCADE"),
    )
    op.create_table(
        "parties",
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("account_provider_ids", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=True),
        sa.Column("phone", sa.Text, nullable=True),
        sa.Column("address", sa.Text, nullable=True),
        sa.Column("birth_date", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "position", name="pk_parties"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_parties_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "streams",
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("stream_id", sa.Text, nullable=False),
        sa.Column("cursor", sa.Text, nullable=True),
        sa.Column("started_at", sa.Text, nullable=True),
        sa.Column("read_at", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("connection_id", "stream_id", name="pk_streams"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_streams_connection_id", ondelete="CASCADE"
        ),
    )


def _rows() -> None:
    op.create_table(
        "transactions",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("amount", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("booking_date", sa.Text, nullable=True),
        sa.Column("value_date", sa.Text, nullable=True),
        sa.Column("transaction_date", sa.Text, nullable=True),
        sa.Column("provider_id", sa.Text, nullable=True),
        sa.Column("counterparty_name", sa.Text, nullable=True),
        sa.Column("counterparty_iban", sa.Text, nullable=True),
        sa.Column("remittance_information", sa.Text, nullable=False),
        sa.Column("end_to_end_id", sa.Text, nullable=True),
        sa.Column("mandate_id", sa.Text, nullable=True),
        sa.Column("merchant_category_code", sa.Text, nullable=True),
        sa.Column("provider_type", sa.Text, nullable=True),
        sa.Column("category", sa.Text, nullable=True),
        sa.Column("balance_after", sa.Text, nullable=True),
        sa.Column("instructed_amount", sa.Text, nullable=True),
        sa.Column("instructed_currency", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_transactions"),
        sa.UniqueConstraint("id", name="uq_transactions_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_transactions_account_id", ondelete="CASCADE"),
    )
    op.create_index("ix_transactions_day", "transactions", ["account_id", "day", "id"])
    op.create_index("ix_transactions_identity", "transactions", ["account_id", "identity", "ordinal"])
    op.create_index(
        "ix_transactions_pending",
        "transactions",
        ["account_id", "day", "id"],
        sqlite_where=sa.text("status = 'pending' AND removed = 0"),
    )
    op.create_table(
        "raws",
        sa.Column("transaction_number", sa.Integer, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("transaction_number", name="pk_raws"),
        sa.ForeignKeyConstraint(
            ["transaction_number"], ["transactions.number"], name="fk_raws_transaction_number", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "changes",
        sa.Column("cursor", sa.Integer, nullable=False),
        sa.Column("connection_id", sa.Text, nullable=False),
        sa.Column("transaction_number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("cursor", name="pk_changes"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_changes_connection_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
