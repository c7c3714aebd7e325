"""The client and sign-ins without a browser, from the program down to the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandboxed import Control, SandboxClock, clock, control, control_origin, running_sandbox, sandbox

from bankweave import Bankweave, FlowStatus
from bankweave.config import Config
from bankweave.errors import ConfigurationError, ProviderRefused
from bankweave.flow import Reason
from bankweave_kontomatik import KontomatikClient

__all__ = ["clock", "control", "control_origin", "running_sandbox", "sandbox"]

MOCK = {"mock_login": "test1", "country": "pl"}


def config(control: Control, **settings: object) -> Config:
    given = {**control.settings("kontomatik"), "history_days": 20, "owner_ids": "made", **settings}
    return Config(adapters={"kontomatik": given})


@pytest.fixture
def bank(control: Control, clock: SandboxClock) -> Iterator[Bankweave]:
    with Bankweave(":memory:", config=config(control), clock=clock) as bank:
        yield bank


def connect(bank: Bankweave, **options: str) -> KontomatikClient:
    flow = bank.connect("kontomatik", owner="anna", options={**MOCK, **options})
    flow = bank.wait(flow.id)
    assert flow.status is FlowStatus.CONNECTED, flow.failure
    return bank.client(flow.connection_id, KontomatikClient)


def test_two_banks_are_connected_without_a_browser_and_aggregated_for_their_owner(bank: Bankweave) -> None:
    connect(bank, country="cz")
    kontomatik = connect(bank)
    report = bank.sync(owner="anna")
    report.raise_for_failures()
    assert report.counts.added > 0
    found = kontomatik.aggregated()
    assert [(target.name, target.institution) for target in found.targets] == [
        ("KontoBankApi_cz", "KontoBank_cz"),
        ("KontoBankApi", "KontoBank"),
    ]
    accounts = [account for target in found.targets for account in target.accounts]
    assert {account.iban for account in accounts} == {account.iban for account in bank.accounts(owner="anna")}
    rows = sum(len(list(account.transactions())) for account in accounts)
    assert rows == report.counts.added
    assert found.created_at is not None
    assert found.last_change is not None
    assert found.created_at < found.last_change


def test_what_the_person_is_known_by_is_not_the_programs_id(bank: Bankweave) -> None:
    kontomatik = connect(bank)
    other = connect(bank, country="cz")
    assert kontomatik.owner_external_id() == other.owner_external_id()
    assert "anna" not in kontomatik.owner_external_id()


def test_deleting_hits_all_banks_of_the_owner_and_nothing_that_is_stored(bank: Bankweave) -> None:
    kontomatik, other = connect(bank), connect(bank, country="cz")
    bank.sync()
    stored = len(list(bank.transactions()))
    assert kontomatik.delete_aggregated()
    assert not other.delete_aggregated()
    with pytest.raises(ProviderRefused) as caught:
        other.aggregated()
    assert caught.value.code == "InvalidOwnerExternalId"
    assert len(list(bank.transactions())) == stored


def test_data_are_kept_for_a_day(bank: Bankweave, control: Control) -> None:
    kontomatik = connect(bank)
    control.elapse(hours=24, minutes=1)
    with pytest.raises(ProviderRefused):
        kontomatik.aggregated()


def test_the_catalog_knows_fallbacks_and_what_they_cannot(bank: Bankweave) -> None:
    (konto,) = (each for each in connect(bank).catalog(country="pl") if each.name == "KontoBank")
    modes = {target.name: target.multiple_access for target in konto.targets}
    assert modes == {"KontoBankApi": True, "KontoBank": False}
    assert all(target.imports and target.account_types for target in konto.targets)
    assert {credential.kind for target in konto.targets for credential in target.credentials} == {
        "API_SETUP",
        "STATIC_LOGIN",
    }


def test_banks_are_found_by_name_and_country(bank: Bankweave) -> None:
    kontomatik = connect(bank)
    assert [each.name for each in kontomatik.find_institutions("konto", country="cz")] == ["KontoBank_cz"]
    assert kontomatik.find_institutions("nowhere at all") == []


def test_the_sandbox_is_up(bank: Bankweave) -> None:
    assert connect(bank).health().is_up


def test_a_mock_session_has_what_was_asked_for(bank: Bankweave) -> None:
    kontomatik = connect(bank)
    assert kontomatik.mock_session("test1", "pl").multiple_access_id
    assert kontomatik.mock_session("test1", "pl", multiple_access=False).multiple_access_id is None
    with pytest.raises(ProviderRefused):
        kontomatik.mock_session("nobody", "pl")


def test_a_mock_login_of_a_scenario_fails_as_its_person_would(bank: Bankweave) -> None:
    flow = bank.connect("kontomatik", owner="anna", options={**MOCK, "mock_login": "refuse"})
    assert flow.status is FlowStatus.FAILED
    assert flow.failure is not None
    assert flow.failure.code == Reason.USER_REFUSED.value


def test_a_bank_can_be_preselected_by_its_institution(bank: Bankweave, control: Control) -> None:
    bank.connect("kontomatik", owner="anna", institution="Pko", redirect_uri="https://app.example/")
    asked = control.requests("kontomatik", "/v1/catalog.xml")
    assert len(asked) == 1


def test_mock_logins_are_refused_where_real_people_sign_in(control: Control) -> None:
    with (
        Bankweave(":memory:", config=config(control, base_url="https://api.kontomatik.com")) as bank,
        pytest.raises(ConfigurationError, match="allow_mock"),
    ):
        bank.connect("kontomatik", owner="anna", options=MOCK)
