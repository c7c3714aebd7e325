"""The tables. A change here needs a migration beside it; a test compares the two.

Money, days and instants are TEXT: exact, readable, and sorted as they mean. Everything of a connection hangs on its row by
foreign keys that cascade, so that deleting the row deletes all of it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bankweave.flow import FlowStatus, Purpose
from bankweave.model import AccountStatus, AccountType, BalanceType, ChangeKind, PartyRole, TransactionStatus
from bankweave.store.columns import AsText, instant_text, read_texts, read_word, texts_json
from bankweave.store.documents import consent_json, failure_json, read_consent, read_failure

Day = AsText(date.isoformat, date.fromisoformat)
Instant = AsText(instant_text, datetime.fromisoformat)
Money = AsText(str, Decimal)
Texts = AsText(texts_json, read_texts)

metadata = MetaData(
    naming_convention={
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("adapter", Text, nullable=False),
    Column("institution_id", Text),
    Column("institution_name", Text),
    Column("consent", AsText(consent_json, read_consent)),
    Column("created_at", Instant, nullable=False),
    Column("synced_at", Instant),
    Column("unpulled_since", Instant),
    Column("due_since", Instant),
    Column("subject", Text, index=True),
)

grants = Table(
    "grants",
    metadata,
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

flows = Table(
    "flows",
    metadata,
    Column("id", Text, primary_key=True),
    Column("adapter", Text, nullable=False),
    Column("owner", Text, nullable=False, index=True),
    Column("connection_id", Text, nullable=False, index=True),  # no foreign key: the flow comes before the connection
    Column("purpose", AsText(str, read_word(Purpose)), nullable=False),
    Column("status", AsText(str, read_word(FlowStatus)), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("correlation", Text, index=True),
    Column("poll_at", Instant),
    Column("expires_at", Instant),
    Column("failure", AsText(failure_json, read_failure)),
    Column("sealed", LargeBinary, nullable=False),
    Column("institution_id", Text),
    Column("country", Text),
)

secrets = Table(
    "secrets",
    metadata,
    Column("adapter", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

quota_uses = Table(
    "quota_uses",
    metadata,
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
)

consents = Table(
    "consents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("since", Instant, nullable=False),
    Column("consent", AsText(consent_json, read_consent), nullable=False),
)

accesses = Table(
    "accesses",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("account_id", Text),
    Column("rows", Integer),
    Column("consent_number", Integer),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("name", Text),
    Column("type", AsText(str, read_word(AccountType)), nullable=False),
    Column("provider_type", Text),
    Column("status", AsText(str, read_word(AccountStatus)), nullable=False),
    Column("iban", Text),
    Column("bic", Text),
    Column("number", Text),
    Column("owner_name", Text),
    Column("credit_limit", Money),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("connection_id", "provider_id"),
)

balances = Table(
    "balances",
    metadata,
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("type", AsText(str, read_word(BalanceType)), primary_key=True),
    Column("amount", Money, nullable=False),
    Column("currency", Text, nullable=False),
    Column("observed_at", Instant, nullable=False),
    Column("reference_date", Day),
    Column("credit_limit_included", Boolean),
)

parties = Table(
    "parties",
    metadata,
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", AsText(str, read_word(PartyRole)), nullable=False),
    Column("account_provider_ids", Texts, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("address", Text),
    Column("birth_date", Day),
)

streams = Table(
    "streams",
    metadata,
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("stream_id", Text, primary_key=True),
    Column("cursor", Text),
    Column("started_at", Instant),
    Column("read_at", Instant),
)

transactions = Table(
    "transactions",
    metadata,
    # Ids are scattered, numbers grow: what hangs on a row by its number is appended, not spread over its table's pages.
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("account_id", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("identity", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("day", Text, nullable=False),  # ObservedTransaction.date; empty when it has none, so that it sorts last
    Column("status", AsText(str, read_word(TransactionStatus)), nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", Text, nullable=False),
    Column("booking_date", Day),
    Column("value_date", Day),
    Column("transaction_date", Day),
    Column("provider_id", Text),
    Column("counterparty_name", Text),
    Column("counterparty_iban", Text),
    Column("remittance_information", Texts, nullable=False),
    Column("end_to_end_id", Text),
    Column("mandate_id", Text),
    Column("merchant_category_code", Text),
    Column("provider_type", Text),
    Column("category", Text),
    Column("balance_after", Money),
    Column("instructed_amount", Money),
    Column("instructed_currency", Text),
    Column("bank_transaction_code", Text),
    Column("payment_method", Text),
    Column("charges", Money),
    Column("labels", Texts),
    Index("ix_transactions_identity", "account_id", "identity", "ordinal"),
    Index("ix_transactions_day", "account_id", "day", "id"),
    # Few rows are pending, and every whole reading asks for all of them.
    Index(
        "ix_transactions_pending",
        "account_id",
        "day",
        "id",
        sqlite_where=text("status = 'pending' AND removed = 0"),
        postgresql_where=text("status = 'pending' AND NOT removed"),
    ),
)

raws = Table(
    "raws",
    metadata,
    Column("transaction_number", Integer, ForeignKey("transactions.number", ondelete="CASCADE"), primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)

# No index and no foreign key but the one: this table grows with every change, is read in the order of its cursor, and is
# searched in no other way. Erasing a connection scans it once.
changes = Table(
    "changes",
    metadata,
    Column("cursor", Integer, primary_key=True),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("transaction_number", Integer, nullable=False),
    Column("kind", AsText(str, read_word(ChangeKind)), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,  # a cursor is never given twice, even after the newest entries are erased
)
