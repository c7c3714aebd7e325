"""What each adapter makes of what its provider was recorded to say, with the sandbox off and no network."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from bankweave import Flow, FlowStatus
from bankweave.engine.report import Counts, Outcome, SyncReport
from bankweave.model import Transaction
from bankweave.testing.driver import Driver, Surface

from .recordings import BASIQ, KONTIST, KONTIST_PUSH, KONTOMATIK, follow, replayed

pytestmark = [pytest.mark.usefixtures("no_network"), pytest.mark.parametrize("surface", ["async", "sync"])]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_kontist_with_a_secret(store: Path, surface: Surface) -> None:
    with replayed(KONTIST, store, surface) as drive:
        course = follow(drive)

    assert_connected_to("Kontist", drive, course.flow)
    assert_synced(course.first, Counts(added=59))
    assert_synced(course.second, Counts())
    (account,) = drive.accounts()
    assert (account.iban, account.currency, account.name) == ("DE98110101000229186401", "EUR", "Geschäftskonto")
    assert account.owner_name == "Ben O'Dwyer-Şahin"
    rows = drive.transactions()
    assert statuses(rows) == {"booked": 55, "pending": 4}
    assert sum(row.amount for row in rows if row.status == "booked") == Decimal("-78.43")
    assert as_rows(rows, "2026-11-16", "2026-11-02", "2026-09-22") == [
        ("booked", "-100.00", None, "BARGELDAUSZAHLUNG GA 07731 BERLIN"),
        ("booked", "-21.73", "Bio-Laden Grünkern", "Bio-Laden Grünkern//Berlin/DE"),
        ("booked", "-29.90", "Bergbahn Zäziwil", "BERGBAHN ZAEZIWIL//ZAEZIWIL/CH"),
        ("booked", "-47.93", "Bio-Laden Grünkern", "Bio-Laden Grünkern//Berlin/DE"),
        ("booked", "-5.27", "Spreebahn", "SPREEBAHN APP 30012//BERLIN/DE"),
        ("booked", "46.92", "Łukasz Weiß", "Pizza 🍕 & Wein <3 – danke, Anteil 11/2026"),
    ]
    twins = ("booked", "-5.99", "Kaffeehaus Müßig", "KAFFEEHAUS MÜSSIG//BERLIN/DE")
    assert as_rows(rows, "2026-11-10").count(twins) == 2


def test_kontist_with_pkce_and_a_push(store: Path, surface: Surface) -> None:
    with replayed(KONTIST_PUSH, store, surface) as drive:
        course = follow(drive)

    assert_connected_to("Kontist", drive, course.flow)
    assert_synced(course.first, Counts(added=4))
    assert_synced(course.second, Counts())
    assert as_rows(drive.transactions()) == [
        ("pending", "-11.99", "Spreebahn", "SPREEBAHN APP 30012//BERLIN/DE"),
        ("pending", "-26.19", "O'Malley's Pub", "O'MALLEY'S PUB//BERLIN/DE"),
        ("pending", "-54.71", "Papier + Tinte", "PAPIER + TINTE BUEROBEDARF//BERLIN/DE"),
        ("pending", "-55.10", "Fernzug AG", "FERNZUG AG ONLINE-TICKET//FRANKFURT/DE"),
    ]


def test_kontomatik_with_multiple_access(store: Path, surface: Surface) -> None:
    with replayed(KONTOMATIK, store, surface) as drive:
        course = follow(drive)

    assert_connected_to("Pko", drive, course.flow)
    assert_synced(course.first, Counts(added=13))
    assert_synced(course.second, Counts())
    accounts = {account.currency: account.iban for account in drive.accounts()}
    assert accounts == {"EUR": "PL19990201358584957619712409", "PLN": "PL96990201357225819476100378"}
    rows = drive.transactions()
    assert statuses(rows) == {"booked": 13}
    assert as_rows(rows, "2026-11-13", "2026-11-12") == [
        ("booked", "-121.54", "Delikatesy Żabi Skok", "ZAKUP DELIKATESY ŻABI SKOK 0117 WARSZAWA"),
        ("booked", "-47.41", "Telefonia Bocian Sp. z o.o.", "Abonament 11/2026 nr kl. 00-77'12"),
        ("booked", "-500.00", None, "WYPŁATA BANKOMAT UL. ZMYŚLONA 3 WARSZAWA"),
        ("booked", "-61.61", "Apteka Zdrowiejko", "ZAKUP APTEKA ZDROWIEJKO <24H> KRAKÓW"),
    ]
    twins = ("booked", "-29.82", "Kawiarnia Pod Żaglami", "ZAKUP KAWIARNIA POD ŻAGLAMI GDAŃSK")
    assert as_rows(rows, "2026-11-17") == [twins, twins]


def test_basiq_with_a_code_at_connecting_and_at_the_refresh(store: Path, surface: Surface) -> None:
    with replayed(BASIQ, store, surface) as drive:
        course = follow(drive)

    assert_connected_to("Pied Piper", drive, course.flow)
    assert_synced(course.first, Counts(added=13))
    assert_synced(course.second, Counts())
    assert [flow.purpose.value for flow in drive.flows()] == ["connect", "refresh"]
    (account,) = drive.accounts()
    assert (account.number, account.currency, account.owner_name) == ("636577846522785", "AUD", "RICHARD HENDRICKS")
    rows = drive.transactions()
    assert statuses(rows) == {"booked": 11, "pending": 2}
    assert as_rows(rows, "2026-11-16", "2026-11-12") == [
        ("booked", "-100.00", None, "ATM WITHDRAWAL 1 FICTION ST SYDNEY"),
        ("booked", "3138.06", None, "LYREBIRD REALTY RENT 3/8 YARN RD 112026"),
    ]
    twins = ("booked", "-4.34", None, "FLAT WHITE & SONS NEWTOWN NS AUS")
    assert as_rows(rows, "2026-11-09") == [twins, twins]


def assert_connected_to(bank: str, drive: Driver, flow: Flow) -> None:
    assert flow.status is FlowStatus.CONNECTED
    assert [connection.institution_name for connection in drive.connections()] == [bank]


def assert_synced(report: SyncReport, counts: Counts) -> None:
    assert [one.outcome for one in report.connections] == [Outcome.SYNCED]
    assert report.counts == counts


def statuses(rows: list[Transaction]) -> dict[str, int]:
    return dict(Counter(row.status.value for row in rows))


def as_rows(rows: list[Transaction], *days: str) -> list[tuple[str, str, str | None, str]]:
    """The rows of some booking days, or all, in an order that does not hang on ids."""
    wanted = [row for row in rows if not days or str(row.booking_date) in days]
    told = [
        (row.status.value, str(row.amount), row.counterparty_name, " ".join(row.remittance_information))
        for row in wanted
    ]
    return sorted(told, key=str)
