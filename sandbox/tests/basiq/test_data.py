"""Accounts and transactions as they are worded, ordered, filtered, paged and renewed (providers/basiq.md, section 5)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bankweave_sandbox.world import Kind, Movement, World

from .bank import GAVIN, NOON, WHISTLER
from .caller import BASE, Partner, code

DAY = timedelta(days=1)


def _accounts(partner: Partner, **params: str) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = partner.get(f"/users/{partner.user}/accounts", **params).json()["data"]
    return data


def _texts(rows: list[dict[str, Any]]) -> list[str]:
    return [row["description"] for row in rows]


def _taxi(world: World) -> Movement:
    account = world.account("au-hooli-gavinBelson-current")
    assert account
    return next(movement for movement in account.movements if movement.id == "hooli-taxi")


def _refreshed(partner: Partner, connection: str) -> None:
    partner.renew_tokens()
    partner.refresh(connection)
    partner.wait()


def test_an_account_shows_number_balances_and_class(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    everyday, visa = _accounts(partner)
    assert everyday["accountNo"] == "062000157441965"
    assert everyday["class"] == {"type": "transaction", "product": "Hooli Everyday"}
    # 100.00 at the beginning, then -10.00, 4310.55, -5.00 and -4.50; the taxi is still pending.
    assert (everyday["balance"], everyday["availableFunds"], everyday["creditLimit"]) == ("4391.05", "4372.65", None)
    assert everyday["connection"] == connection
    assert (visa["accountNo"], visa["class"]["type"]) == ("4622********1234", "credit-card")
    assert (visa["balance"], visa["availableFunds"], visa["creditLimit"]) == ("-212.34", "4787.66", "5000.00")
    assert everyday["transactionIntervals"] == [{"from": "2026-01-29", "to": "2026-03-10"}]
    assert partner.get(everyday["links"]["self"]).json() == everyday


def test_a_joint_account_without_movements(partner: Partner) -> None:
    partner.connected(WHISTLER)
    account = _accounts(partner)[0]
    assert account["accountOwnership"] == "TWO_PARTY"
    assert account["accountHolder"] == "WHISTLER TESTER & JARED TESTER"
    assert (account["balance"], account["transactionIntervals"]) == ("100.00", [])


def test_accounts_can_be_filtered(partner: Partner) -> None:
    hooli = partner.connected(GAVIN)
    partner.connected(GAVIN, "AU00004")
    assert len(_accounts(partner, filter=f"connection.id.eq('{hooli}')")) == 2
    assert len(_accounts(partner, filter="institution.id.ne('AU00000')")) == 1
    assert len(_accounts(partner, filter="account.id.eq('au-hooli-gavinBelson-credit_card')")) == 1
    bad = partner.get(f"/users/{partner.user}/accounts", filter="account.id.gt('a')")
    assert code(bad) == (400, "parameter-not-valid")
    assert code(partner.get(f"/users/{partner.user}/accounts/none")) == (404, "resource-not-found")


def test_rows_come_by_account_pending_first_then_newest_first(partner: Partner) -> None:
    partner.connected(GAVIN)
    rows = partner.transactions()
    assert _texts(rows) == [
        "TAXI SYDNEY",
        "CAFÉ & <CO> 🥐 NEWTOWN",
        "ACCOUNT FEE",
        "HOOLI PTY LTD SALARY",
        "SHOES",
    ]
    assert [row["status"] for row in rows[:2]] == ["pending", "posted"]


def test_a_posted_row_of_a_web_connector_knows_the_local_day_only(partner: Partner) -> None:
    partner.connected(GAVIN)
    cafe = partner.transactions()[1]
    assert cafe["id"] == "hooli-cafe"
    assert (cafe["amount"], cafe["direction"], cafe["class"], cafe["balance"]) == (
        "-4.50",
        "debit",
        "payment",
        "4391.05",
    )
    # 8 March, 07:30 in Sydney.
    assert (cafe["postDate"], cafe["transactionDate"]) == ("2026-03-08T00:00:00Z", "2026-03-07T00:00:00Z")
    assert (cafe["subClass"], cafe["enrich"], cafe["links"]["connection"]) == (None, None, None)
    assert partner.get(cafe["links"]["self"]).json() == cafe


def test_open_banking_sends_instants_whose_utc_day_may_be_the_day_before(partner: Partner) -> None:
    partner.connected(GAVIN, "AU00004")
    cafe = next(row for row in partner.transactions() if row["id"] == "gov-cafe")
    assert cafe["postDate"] == "2026-03-07T20:30:00Z"
    assert cafe["transactionDate"] == "2026-03-06T20:00:00Z"


def test_a_pending_row_has_no_post_date_and_no_balance(partner: Partner) -> None:
    partner.connected(GAVIN)
    taxi = partner.transactions()[0]
    assert (taxi["postDate"], taxi["balance"], taxi["transactionDate"]) == (None, None, "2026-03-10T00:00:00Z")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("cards", ["2026-03-07T00:00:00Z", ""]),
        ("pending", ["", ""]),
        ("always", ["2026-03-07T00:00:00Z", "2026-02-18T00:00:00Z"]),
    ],
)
def test_an_absent_transaction_date_is_an_empty_text(partner: Partner, wanted: str, expected: list[str]) -> None:
    partner.switch(transaction_dates=wanted)
    partner.connected(GAVIN)
    assert [row["transactionDate"] for row in partner.transactions()[1:3]] == expected


def test_kinds_have_basiqs_classes(partner: Partner) -> None:
    partner.connected(GAVIN)
    classes = {row["description"]: (row["class"], row["direction"]) for row in partner.transactions()}
    assert classes["ACCOUNT FEE"] == ("bank-fee", "debit")
    assert classes["HOOLI PTY LTD SALARY"] == ("direct-credit", "credit")


def test_payments_have_a_sub_class_for_partners_with_enrich(partner: Partner) -> None:
    partner.switch(payment_sub_classes=True)
    partner.connected(GAVIN)
    assert partner.transactions()[1]["subClass"]["code"] == "451"


def test_rows_older_than_the_retrieval_span_are_not_fetched(partner: Partner) -> None:
    partner.switch(retrieval_days=900)
    partner.connected(GAVIN)
    assert "LONG AGO" in _texts(partner.transactions())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account.id.eq('au-hooli-gavinBelson-credit_card')", ["SHOES"]),
        ("institution.id.eq('AU00004')", []),
        ("transaction.status.eq('pending')", ["TAXI SYDNEY"]),
        ("transaction.direction.eq('credit')", ["HOOLI PTY LTD SALARY"]),
        ("transaction.class.eq('bank-fee')", ["ACCOUNT FEE"]),
        ("transaction.postDate.eq('2026-02-18')", ["ACCOUNT FEE"]),
        ("transaction.postDate.lt('2026-02-18')", ["HOOLI PTY LTD SALARY"]),
        ("transaction.postDate.lteq('2026-02-18')", ["ACCOUNT FEE", "HOOLI PTY LTD SALARY"]),
        ("transaction.postDate.bt('2026-01-29','2026-02-18')", ["ACCOUNT FEE", "HOOLI PTY LTD SALARY"]),
        # From here on the filter reaches into the last seven days: pending rows are included.
        ("transaction.postDate.gteq('2026-03-08')", ["TAXI SYDNEY", "CAFÉ & <CO> 🥐 NEWTOWN"]),
        ("transaction.postDate.gt('2026-03-08')", ["TAXI SYDNEY"]),
        ("transaction.postDate.gteq('2026-03-08'),transaction.status.eq('posted')", ["CAFÉ & <CO> 🥐 NEWTOWN"]),
        ("transaction.postDate.gt('2026-03-10')", []),
    ],
)
def test_transactions_can_be_filtered(partner: Partner, text: str, expected: list[str]) -> None:
    partner.connected(GAVIN)
    assert _texts(partner.transactions(filter=text)) == expected


@pytest.mark.parametrize(("mode", "expected"), [("never", 1), ("always", 2)])
def test_pending_rows_pass_date_filters_as_the_switch_says(partner: Partner, mode: str, expected: int) -> None:
    partner.switch(pending_in_date_filters=mode)
    partner.connected(GAVIN)
    assert len(partner.transactions(filter="transaction.postDate.eq('2026-02-18')")) == expected


@pytest.mark.parametrize(
    "text",
    [
        "transaction.postDate.gteq(2026-01-01)",
        "transaction.postDate.gteq('01.02.2026')",
        "transaction.postDate.gteq('2026-02-30')",
        "transaction.postDate.bt('2026-01-01')",
        "transaction.postDate.gteq('2026-01-01'),",
        "transaction.postDate.gteq('2026-01-01') transaction.status.eq('posted')",
        "transaction.postDate.ne('2026-01-01')",
        "transaction.amount.gt('1')",
        "transaction.status",
        "account.id.eq('a','b')",
    ],
)
def test_a_bad_filter_is_refused(partner: Partner, text: str) -> None:
    response = partner.get(f"/users/{partner.user}/transactions", filter=text)
    assert code(response) == (400, "parameter-not-valid")
    assert response.json()["data"][0]["source"]["parameter"] == "filter"


def test_pages_follow_an_opaque_absolute_link_that_ends(partner: Partner) -> None:
    partner.connected(GAVIN)
    page = partner.get(f"/users/{partner.user}/transactions", limit=2, filter="institution.id.eq('AU00000')").json()
    rows, counts = list(page["data"]), [(page["count"], page["size"])]
    while "next" in page["links"]:
        assert page["links"]["next"].startswith(f"{BASE}/users/{partner.user}/transactions?next=")
        page = partner.get(page["links"]["next"]).json()
        rows += page["data"]
        counts.append((page["count"], page["size"]))
    assert counts == [(2, 5), (2, 5), (1, 5)]
    assert rows == partner.transactions()


def test_the_last_page_may_have_a_null_link_and_size_may_mean_the_limit(partner: Partner) -> None:
    partner.connected(GAVIN)
    partner.switch(next_on_last_page="null", size_means="limit")
    # The specification has no null here: section 5.2 only asks clients to bear it, so the contract is not held up to it.
    path = f"/users/{partner.user}/transactions"
    headers = {"Authorization": f"Bearer {partner.token()}"}
    page = partner.client.get(path, headers=headers).json()
    assert (page["links"]["next"], page["size"]) == (None, 500)


@pytest.mark.parametrize(
    ("limit", "detail"),
    [
        ("501", "Maximum limit allowed is 500"),
        ("9" * 5000, "Maximum limit allowed is 500"),
        ("0", "Limit value is not valid"),
        ("ten", "Limit value is not valid"),
    ],
    ids=["too many", "far too many", "none", "no number"],
)
def test_a_limit_out_of_bounds_is_refused(partner: Partner, limit: str, detail: str) -> None:
    response = partner.get(f"/users/{partner.user}/transactions", limit=limit)
    assert code(response) == (400, "parameter-not-valid")
    assert response.json()["data"][0]["detail"] == detail


def test_a_cursor_that_is_unknown_or_anothers_is_refused(partner: Partner) -> None:
    partner.connected(GAVIN)
    path = f"/users/{partner.user}/transactions"
    cursor = partner.get(path, limit=1).json()["links"]["next"].rpartition("=")[2]
    other = partner.post("/users", json={"email": "other@hooli.example"}).json()["id"]
    for response in (partner.get(path, next="none"), partner.get(f"/users/{other}/transactions", next=cursor)):
        assert code(response) == (400, "parameter-not-valid")
        assert response.json()["data"][0]["detail"] == "Next value is not valid"


def test_an_unknown_transaction_is_not_found(partner: Partner) -> None:
    assert code(partner.get(f"/users/{partner.user}/transactions/none")) == (404, "resource-not-found")


def test_new_rows_are_seen_after_a_refresh_only(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    partner.wait(4 * DAY)
    partner.renew_tokens()
    assert "ATM GLEBE" not in _texts(partner.transactions())
    assert _accounts(partner)[0]["balance"] == "4391.05"
    _refreshed(partner, connection)
    assert "ATM GLEBE" in _texts(partner.transactions())
    assert _accounts(partner)[0]["balance"] == "4365.65"


def test_a_job_shows_the_bank_as_it_was_when_it_ended_however_late_one_looks(partner: Partner) -> None:
    partner.connect(GAVIN)
    partner.wait(4 * DAY)
    partner.renew_tokens()
    rows = partner.transactions()
    assert _texts(rows)[:2] == ["TAXI SYDNEY", "CAFÉ & <CO> 🥐 NEWTOWN"]
    assert rows[0]["status"] == "pending"


def test_data_may_be_live(partner: Partner) -> None:
    partner.switch(data_is_live=True)
    partner.connected(GAVIN)
    partner.wait(4 * DAY)
    partner.renew_tokens()
    assert "ATM GLEBE" in _texts(partner.transactions())


def test_a_pending_row_has_a_new_id_after_every_refresh_until_it_is_posted(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    first = partner.transactions()[0]
    _refreshed(partner, connection)
    second = partner.transactions()[0]
    assert first["description"] == second["description"]
    assert len({first["id"], second["id"], "hooli-taxi"}) == 3
    partner.wait(3 * DAY)
    _refreshed(partner, connection)
    posted = next(row for row in partner.transactions() if row["description"] == "TAXI SYDNEY")
    assert (posted["id"], posted["status"], posted["postDate"]) == ("hooli-taxi", "posted", "2026-03-12T00:00:00Z")


def test_a_pending_row_may_be_reworded_by_every_refresh(partner: Partner) -> None:
    partner.switch(pending_text_churn=True)
    connection = partner.connected(GAVIN)
    seen = [partner.transactions()[0]["description"]]
    for _ in range(2):
        _refreshed(partner, connection)
        seen.append(partner.transactions()[0]["description"])
    assert len(set(seen)) == 3
    assert all("TAXI SYDNEY" in text for text in seen)


def test_a_failed_refresh_leaves_the_data_of_the_last_good_one(partner: Partner) -> None:
    connection = partner.connected(GAVIN)
    before = partner.transactions()
    plan = {"connection": connection, "step": "retrieve-accounts", "code": "service-unavailable"}
    partner.control.post("/failures", json=plan)
    _refreshed(partner, connection)
    assert partner.transactions() == before


def test_a_booking_with_another_amount_is_seen_after_the_next_refresh(partner: Partner, world: World) -> None:
    connection = partner.connected(GAVIN)
    partner.wait(timedelta(hours=1))
    partner.renew_tokens()
    world.book(_taxi(world), amount=Decimal("-20.00"), text="TAXI SYDNEY TIP")
    assert partner.transactions()[0]["amount"] == "-18.40"
    _refreshed(partner, connection)
    row = next(row for row in partner.transactions() if row["id"] == "hooli-taxi")
    assert (row["status"], row["amount"], row["description"]) == ("posted", "-20.00", "TAXI SYDNEY TIP")


def test_a_lapsed_reservation_is_gone_after_the_next_refresh(partner: Partner, world: World) -> None:
    connection = partner.connected(GAVIN)
    account = world.account("au-hooli-gavinBelson-current")
    assert account
    world.lapse(account, _taxi(world))
    assert _texts(partner.transactions())[0] == "TAXI SYDNEY"
    _refreshed(partner, connection)
    assert "TAXI SYDNEY" not in _texts(partner.transactions())


@pytest.mark.parametrize(("paging", "repeated"), [("frozen", 0), ("offset", 1)])
def test_a_refresh_between_two_pages_may_move_rows(partner: Partner, world: World, paging: str, repeated: int) -> None:
    partner.switch(paging=paging)
    connection = partner.connected(GAVIN)
    path = f"/users/{partner.user}/transactions"
    page = partner.get(path, limit=2, filter="transaction.status.eq('posted')").json()
    account = world.account("au-hooli-gavinBelson-current")
    assert account
    world.pay(account, Movement("new", Decimal("-1.00"), Kind.CARD, NOON, NOON, "NEW"))
    _refreshed(partner, connection)
    following = partner.get(page["links"]["next"]).json()
    assert len({row["id"] for row in page["data"]} & {row["id"] for row in following["data"]}) == repeated
