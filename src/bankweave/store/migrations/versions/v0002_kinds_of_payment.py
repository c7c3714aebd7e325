"""What kind of payment a transaction is, what the bank took for it, and what it is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("bank_transaction_code", "payment_method", "charges", "labels"):
        op.add_column("transactions", sa.Column(name, sa.Text, nullable=True))
