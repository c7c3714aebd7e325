"""Rows that are lost, reworded or twins: what a client has to notice, and what it must not be fooled by."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from lxml import etree

from bankweave_sandbox.world import Kind, Movement

from .signin_service import Service, texts

ROWS = "command/result/accounts/account[1]/moneyTransactions/moneyTransaction"
Row = tuple[str, ...]


def rows(root: etree._Element, *names: str) -> list[Row]:
    return [tuple(row.findtext(name) or "" for name in names) for row in root.findall(ROWS)]


def words(root: etree._Element) -> list[str]:
    return [" ".join(title.split()) for (title,) in rows(root, "title")]


def breaks(root: etree._Element) -> int:
    """How often the balance after a row does not follow from the row before it, newest first."""
    chain = [(Decimal(amount), Decimal(after)) for amount, after in rows(root, "currencyAmount", "currencyBalance")]
    return sum(after - amount != older for (amount, after), (_, older) in pairwise(chain))


def test_a_lost_row_shows_in_the_balances_only(service: Service) -> None:
    whole = service.imported(service.signed_in())
    lossy = service.imported(service.signed_in("row-missing"))
    names = ("bookedOn", "currencyAmount", "currencyBalance", "title")
    lost = Counter(rows(whole, *names)) - Counter(rows(lossy, *names))
    assert list(lost.elements()) == [rows(whole, *names)[2]]
    assert (breaks(whole), breaks(lossy)) == (0, 1)
    assert texts(whole, ".//account/currencyBalance") == texts(lossy, ".//account/currencyBalance")


def test_which_row_is_lost_is_a_switch(service: Service) -> None:
    service.dialect.switches.leave_out_row = 1
    lossy = service.imported(service.signed_in())
    balance = lossy.findtext("command/result/accounts/account[1]/currencyBalance")
    assert rows(lossy, "currencyBalance")[0][0] != balance, "the newest row is the one that is lost"
    service.dialect.switches.leave_out_row = 100_000
    assert breaks(service.imported(service.signed_in())) == 0


def test_without_balances_twins_are_equal_in_everything(service: Service) -> None:
    names = ("transactionOn", "bookedOn", "currencyAmount", "currencyBalance", "title", "party", "partyIban", "kind")
    apart = Counter(rows(service.imported(service.signed_in()), *names))
    service.dialect.switches.row_balances = False
    root = service.imported(service.signed_in())
    together = Counter(rows(root, *names))
    assert max(apart.values()) == 1
    assert max(together.values()) == 2
    assert root.find(f"{ROWS}/currencyBalance") is None
    assert texts(root, ".//account/currencyBalance")


def test_text_is_wrapped_anew_by_every_other_import_and_keeps_its_words(service: Service) -> None:
    service.dialect.switches.title_changes = "re-wrapped"
    access_id = service.signed_in()["multipleAccessId"]
    first, second, third = (service.reimported(access_id) for _ in range(3))
    assert rows(first, "title") == rows(third, "title") != rows(second, "title")
    assert words(first) == words(second)
    stored = service.api.get("/v1/data.xml", params={"ownerExternalId": "anna-1"}).content
    titles = texts(etree.fromstring(stored), ".//account[1]/moneyTransactions/moneyTransaction/title")
    assert titles == [title for (title,) in rows(second, "title")], "stored data wrap otherwise than their import"


def test_text_stays_as_it_is_otherwise(service: Service) -> None:
    access_id = service.signed_in()["multipleAccessId"]
    assert rows(service.reimported(access_id), "title") == rows(service.reimported(access_id), "title")


def test_a_bank_may_append_its_reference_the_day_after_booking(service: Service) -> None:
    service.dialect.switches.title_changes = "reference-next-day"
    made = payment(service, booked=True)
    access_id = service.signed_in()["multipleAccessId"]
    today = service.reimported(access_id)
    service.later(days=1)
    tomorrow = service.reimported(access_id)
    assert made.text in words(today)
    assert made.text not in words(tomorrow)
    (reworded,) = [text for text in words(tomorrow) if text.startswith(made.text)]
    assert reworded.removeprefix(made.text).startswith(" REF")
    assert len(set(words(tomorrow)) & set(words(service.reimported(access_id)))) > 50, "a reference stays the same"


@pytest.mark.parametrize("change", ["never", "reference-when-booked"])
def test_a_bank_may_append_its_reference_on_booking(service: Service, change: str) -> None:
    service.dialect.switches.pending_rows = "listed"
    service.dialect.switches.title_changes = change  # type: ignore[assignment]  # a parameter is a plain str
    made = payment(service, booked=False)
    access_id = service.signed_in()["multipleAccessId"]
    assert words(service.reimported(access_id))[0] == made.text
    service.world.book(made)
    newest = words(service.reimported(access_id))[0]
    assert (newest == made.text) == (change == "never")
    assert newest.startswith(made.text)


def payment(service: Service, *, booked: bool) -> Movement:
    now = service.world.clock.now() - timedelta(minutes=1)
    made = Movement(str(uuid.uuid4()), Decimal("-7.77"), Kind.CARD, now, now if booked else None, "Herbata i ciastko")
    return service.world.pay(service.world.accounts[0], made)
