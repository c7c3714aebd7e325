"""Contract of a store: pages of transactions, what is known of them, and how they are listed."""

from __future__ import annotations

import string
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import anyio
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from bankweave.errors import StoreError, UnknownConnection
from bankweave.model import ChangeKind, ObservedTransaction, TransactionStatus
from bankweave.store.base import Scope, Store, StreamState
from bankweave.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.store.conftest import Given

pytestmark = pytest.mark.anyio

MODIFIED, REMOVED = ChangeKind.MODIFIED, ChangeKind.REMOVED
PENDING = TransactionStatus.PENDING

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["%_", "'; DROP TABLE flows; --", 'a"b', "nul\0inside", "🏦👩‍👩‍👧", "\u202eevil", "=HYPERLINK()", "\\", "[]"]
)
amounts = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("123456789012345678901234567890.123456789"), Decimal("-0.00"), Decimal("1E+3"), Decimal("0.1")]
)
observed_rows = st.builds(
    ObservedTransaction,
    status=st.sampled_from(TransactionStatus),
    amount=amounts,
    currency=st.text(string.ascii_uppercase, min_size=3, max_size=3),
    booking_date=st.none() | st.dates(),
    value_date=st.none() | st.dates(),
    transaction_date=st.none() | st.dates(),
    provider_id=st.none() | texts,
    counterparty_name=st.none() | texts,
    counterparty_iban=st.none() | texts,
    remittance_information=st.lists(texts, max_size=4).map(tuple),
    end_to_end_id=st.none() | texts,
    mandate_id=st.none() | texts,
    merchant_category_code=st.none() | texts,
    provider_type=st.none() | texts,
    category=st.none() | texts,
    balance_after=st.none() | amounts,
    instructed_amount=st.none() | amounts,
    instructed_currency=st.none() | texts,
    bank_transaction_code=st.none() | texts,
    payment_method=st.none() | texts,
    charges=st.none() | amounts,
    labels=st.lists(texts, max_size=3).map(tuple),
)


def content(row: ObservedTransaction) -> dict[str, object]:
    """What was observed, digit for digit: 1.0 and 1.00 are equal as numbers but not the same statement."""
    return {field.name: _exact(getattr(row, field.name)) for field in fields(ObservedTransaction)}


def _exact(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


# The contract's fixture would be shared by all examples; each run brings its own store.
@examples(row=observed_rows, identity=texts, raw=st.none() | st.binary(max_size=50))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_goes_in_comes_out_equal(
    round_trip: RoundTrip, row: ObservedTransaction, identity: str, raw: bytes | None
) -> None:
    found, known, kept = round_trip(row, identity, raw)
    assert content(found) == content(row)
    assert (known, kept) == (identity, raw)


class RoundTrip:
    """Writes one row into a store in memory, reads it back, and removes it with its whole connection."""

    def __init__(self, given: Given) -> None:
        self._given = given

    def __call__(
        self, row: ObservedTransaction, identity: str, raw: bytes | None
    ) -> tuple[ObservedTransaction, str, bytes | None]:
        return anyio.run(self._run, row, identity, raw)

    async def _run(
        self, row: ObservedTransaction, identity: str, raw: bytes | None
    ) -> tuple[ObservedTransaction, str, bytes | None]:
        given, store = self._given, self._given.store
        account_id = await given.account()
        values = {field.name: getattr(row, field.name) for field in fields(row)}
        await given.committed(given.write(account_id, "1", identity=identity, raw=raw, **values))
        (found,) = [transaction async for transaction in store.transactions(Scope())]
        (known,) = await store.known(account_id, [identity])
        kept = await store.raw("t-1")
        await store.erase_connection("c-1")
        return found, known.identity, kept


@pytest.fixture
def round_trip(new_given: type[Given]) -> RoundTrip:
    return RoundTrip(new_given(SqliteStore.open(":memory:")))


# Committing pages -----------------------------------------------------------------------------------------------------


async def test_a_page_is_written_with_how_far_the_stream_was_read(store: Store, given: Given) -> None:
    account_id = await given.account()
    state = StreamState(cursor="page 2 🧾", started_at=datetime(2026, 3, 1, tzinfo=UTC), read_at=None)
    await store.commit("c-1", "s", state, [given.write(account_id, "1")])
    assert await store.stream_state("c-1", "s") == state
    assert await given.ids() == ["t-1"]
    await store.commit("c-1", "s", StreamState(read_at=state.started_at), [])
    assert await store.stream_state("c-1", "s") == StreamState(read_at=state.started_at)


async def test_a_stream_that_was_never_read_has_no_state(store: Store, given: Given) -> None:
    await given.connection()
    assert await store.stream_state("c-1", "new") == StreamState()


async def test_streams_of_the_same_name_are_apart(store: Store, given: Given) -> None:
    await given.connection("c-1")
    await given.connection("c-2")
    await store.commit("c-1", "s", StreamState(cursor="x"), [])
    assert await store.stream_state("c-2", "s") == StreamState()


async def test_a_page_that_cannot_be_written_whole_leaves_nothing(store: Store, given: Given) -> None:
    account_id = await given.account()
    strayed = given.write(account_id, "2", kind=MODIFIED)
    with pytest.raises(StoreError):
        await given.committed(given.write(account_id, "1"), strayed, cursor="next")
    assert await given.ids() == []
    assert await given.entries() == []
    assert await store.stream_state("c-1", "stream") == StreamState()


async def test_repeating_a_page_is_harmless(given: Given) -> None:
    account_id = await given.account()
    page = [given.write(account_id, str(n)) for n in range(3)]
    await given.committed(*page)
    await given.committed(*page)
    assert sorted(await given.ids()) == ["t-0", "t-1", "t-2"]


async def test_a_modified_row_has_its_new_content_identity_and_day(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1", status=PENDING, booking_date=None, raw=b"old"))
    booked = given.write(
        account_id,
        "1",
        kind=MODIFIED,
        identity="final",
        ordinal=1,
        digest=b"new",
        amount=Decimal("-13.00"),
        booking_date=date(2026, 2, 3),
        raw=b"raw",
    )
    await given.committed(booked)
    (row,) = [row async for row in store.transactions(Scope(), since=date(2026, 2, 3))]
    (known,) = await store.known(account_id, ["final", "identity-1"])
    assert (row.amount, row.status) == (Decimal("-13.00"), TransactionStatus.BOOKED)
    assert (known.ordinal, known.digest, known.date) == (1, b"new", date(2026, 2, 3))
    assert await store.raw("t-1") == b"raw"


async def test_a_raw_record_stays_when_a_newer_one_is_not_told(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1", raw=b"{}"))
    await given.committed(given.write(account_id, "1", kind=MODIFIED))
    assert await store.raw("t-1") == b"{}"
    assert await store.raw("nowhere") is None


async def test_a_removed_row_is_a_tombstone(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1"), given.write(account_id, "2"))
    await given.committed(given.write(account_id, "1", kind=REMOVED))
    assert await given.ids() == ["t-2"]
    (known,) = await store.known(account_id, ["identity-1"])
    assert (known.removed, known.digest) == (True, b"1")


async def test_a_row_that_reappears_lives_again(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1"))
    await given.committed(given.write(account_id, "1", kind=REMOVED))
    await given.committed(given.write(account_id, "1", reason="reappeared", category="food"))
    (row,) = [row async for row in store.transactions(Scope())]
    (known,) = await store.known(account_id, ["identity-1"])
    assert (row.category, known.removed) == ("food", False)


async def test_a_row_that_reappears_with_less_has_no_more_than_that(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(given.write(account_id, "1", category="food", balance_after=Decimal(3)))
    await given.committed(given.write(account_id, "1", kind=REMOVED))
    await given.committed(given.write(account_id, "1", reason="reappeared", category=None, balance_after=None))
    (row,) = [row async for row in store.transactions(Scope())]
    assert (row.category, row.balance_after) == (None, None)


async def test_rows_of_one_page_need_not_have_values_in_the_same_columns(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(
        given.write(account_id, "1", category="food", mandate_id=None),
        given.write(account_id, "2", category=None, mandate_id="m"),
    )
    rows = [row async for row in store.transactions(Scope())]
    assert {(row.category, row.mandate_id) for row in rows} == {("food", None), (None, "m")}


async def test_writes_of_one_page_happen_in_their_order(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(
        given.write(account_id, "1"),
        given.write(account_id, "1", kind=REMOVED, reason="gone"),
        given.write(account_id, "1", reason="reappeared", category="last"),
        given.write(account_id, "1", kind=MODIFIED, reason="content", category="really last"),
    )
    (row,) = [row async for row in store.transactions(Scope())]
    assert row.category == "really last"
    assert [reason for _, reason, _ in await given.entries()] == ["new", "gone", "reappeared", "content"]


@pytest.mark.parametrize("kind", [ChangeKind.ADDED, MODIFIED, REMOVED])
async def test_a_row_cannot_be_reached_through_another_account(store: Store, given: Given, kind: ChangeKind) -> None:
    mine = await given.account("c-1", "a")
    other = await given.account("c-1", "b")
    await given.committed(given.write(mine, "1"))
    with pytest.raises(StoreError):
        await given.committed(given.write(other, "1", kind=kind, category="stolen"))
    (row,) = [row async for row in store.transactions(Scope())]
    assert (row.account_id, row.category) == (mine, None)


async def test_rows_for_an_account_of_another_connection_are_refused(given: Given) -> None:
    account_id = await given.account("c-1")
    await given.connection("c-2")
    with pytest.raises(StoreError):
        await given.committed(given.write(account_id, "1"), connection_id="c-2")
    assert await given.ids() == []


async def test_a_sync_that_outlives_its_connection_writes_nothing(store: Store, given: Given) -> None:
    account_id = await given.account()
    await store.erase_connection("c-1")
    for page in ([given.write(account_id, "1")], []):
        with pytest.raises(UnknownConnection):
            await given.committed(*page)
    assert await given.ids() == []


async def test_a_row_without_content_is_refused(given: Given) -> None:
    account_id = await given.account()
    empty = given.write(account_id, "1", kind=REMOVED)
    with pytest.raises(StoreError):
        await given.committed(type(empty)(kind=ChangeKind.ADDED, reason="new", id="t-1", account_id=account_id))


async def test_text_that_is_no_unicode_is_a_store_error(given: Given) -> None:
    account_id = await given.account()
    for broken in ({"counterparty_name": "\ud800"}, {"remittance_information": ("\ud800",)}):
        with pytest.raises(StoreError):
            await given.committed(given.write(account_id, "1", **broken))
    assert await given.ids() == []


# What is known --------------------------------------------------------------------------------------------------------


async def test_twins_are_known_by_identity_and_ordinal(store: Store, given: Given) -> None:
    account_id = await given.account()
    other = await given.account(provider_id="p-2")
    twins = [given.write(account_id, f"{n}", identity="twin", ordinal=n) for n in (1, 0)]
    await given.committed(*twins, given.write(account_id, "z", identity="a"), given.write(other, "o", identity="twin"))
    found = await store.known(account_id, ["twin", "a", "never seen"])
    assert [(known.identity, known.ordinal, known.id) for known in found] == [
        ("a", 0, "t-z"),
        ("twin", 0, "t-0"),
        ("twin", 1, "t-1"),
    ]


async def test_any_number_of_identities_may_be_asked_for(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(*(given.write(account_id, f"{n:04}") for n in range(1203)))
    asked = [f"identity-{n:04}" for n in range(1300)]
    assert [known.identity for known in await store.known(account_id, asked)] == asked[:1203]
    assert list(await store.known(account_id, [])) == []


async def test_known_rows_carry_what_reconciling_needs(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(
        given.write(
            account_id, "1", status=PENDING, booking_date=None, transaction_date=date(2026, 2, 2), digest=b"\0d"
        )
    )
    (known,) = await store.known(account_id, ["identity-1"])
    assert (known.id, known.status, known.date, known.digest) == ("t-1", PENDING, date(2026, 2, 2), b"\0d")
    assert (known.amount, known.currency, known.removed) == (Decimal("-12.30"), "EUR", False)


async def test_pending_rows_and_rows_since_a_day_are_expected(store: Store, given: Given) -> None:
    account_id = await given.account()
    await given.committed(
        given.write(account_id, "before", booking_date=date(2026, 1, 31)),
        given.write(account_id, "on", booking_date=date(2026, 2, 1)),
        given.write(account_id, "undated", booking_date=None),
        given.write(account_id, "old pending", status=PENDING, booking_date=None, transaction_date=date(2025, 1, 1)),
        given.write(account_id, "new pending", status=PENDING, booking_date=None, transaction_date=date(2026, 2, 2)),
        given.write(account_id, "gone"),
        given.write(account_id, "gone pending", status=PENDING),
    )
    await given.committed(*(given.write(account_id, name, kind=REMOVED) for name in ("gone", "gone pending")))
    expected = await store.expected(account_id, date(2026, 2, 1))
    assert {known.id for known in expected} == {"t-on", "t-old pending", "t-new pending"}
    assert len(expected) == 3


async def test_reading_from_the_beginning_expects_every_live_row(store: Store, given: Given) -> None:
    account_id = await given.account()
    other = await given.account(provider_id="p-2")
    await given.committed(
        given.write(account_id, "1"),
        given.write(account_id, "2", booking_date=None),
        given.write(account_id, "3", status=PENDING),
        given.write(other, "4"),
    )
    assert sorted(known.id for known in await store.expected(account_id, None)) == ["t-1", "t-2", "t-3"]
