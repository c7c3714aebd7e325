"""What Basiq makes of transactions (providers/basiq.md, section 5.3)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from bankweave_sandbox.world import Kind, Movement, World

from .bank import GAVIN, NOON
from .caller import BASE, Partner, code


@pytest.fixture
def world(world: World) -> World:
    """Give Gavin four salaries, the last three of the same size, and something to eat."""
    account = next(a for a in world.accounts if a.name == "Hooli Everyday")
    account.movements.clear()
    for months, salary in enumerate(("1000.00", "1000.00", "1000.00", "900.00")):
        at = NOON - timedelta(days=30 * months + 5)
        account.movements.append(
            Movement(f"pay-{months}", Decimal(salary), Kind.SALARY, at, at, f"SALARY HOOLI {at:%m%Y}")
        )
        account.movements.append(
            Movement(f"food-{months}", Decimal("-50.00"), Kind.CARD, at, at, "GALAH GROCERS 2207", category="groceries")
        )
    at = NOON - timedelta(days=9)
    account.movements += [
        Movement("cash", Decimal("-100.00"), Kind.CASH, at, at, "ATM"),
        Movement("saved", Decimal("-200.00"), Kind.TRANSFER, at, at, "TO SAVINGS", category="own_account"),
        Movement("friend", Decimal("-20.00"), Kind.TRANSFER, at, at, "Pizza", category="friends"),
        Movement("refund", Decimal("8.00"), Kind.CARD_REFUND, at, at, "REFUND SHOES"),
    ]
    account.movements.sort(key=lambda movement: movement.occurred_at)
    return world


@pytest.fixture
def connected(partner: Partner) -> Partner:
    partner.connected(GAVIN)
    return partner


def _make(partner: Partner, kind: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return partner.post(f"/users/{partner.user}/{kind}", json=body or {"fromMonth": "2025-12", "toMonth": "2026-03"})


def test_income_tells_regular_from_other_credits(connected: Partner) -> None:
    income = _make(connected, "income").json()
    (salary,) = income["regular"]
    assert (salary["source"], salary["frequency"]) == ("salary hooli", "monthly")
    assert salary["current"] == {
        "amount": "1000.00",
        "date": "2026-03-05T00:00:00",
        "nextDate": "2026-04-04T00:00:00",
    }
    assert salary["previous3Months"] == {"amountAvg": "1000.00", "amountAvgMonthly": "1000.00", "variance": "0.00"}
    assert salary["irregularity"] == {"gaps": [], "stability": "100.00"}
    assert [credit["source"] for credit in income["otherCredit"]] == ["refund shoes"]
    assert income["summary"] == {
        "regularIncomeAvg": "975.00",
        "regularIncomeYTD": "3000.00",
        "regularIncomeYear": "3900.00",
        "irregularIncomeAvg": "0.00",
    }


def test_expenses_leave_out_transfers_between_own_accounts(connected: Partner) -> None:
    expenses = _make(connected, "expenses").json()
    assert expenses["cashWithdrawals"]["avgMonthly"] == "-25.00"
    assert expenses["externalTransfers"]["changeHistory"] == [{"amount": "-20.00", "date": "2026-03"}]
    divisions = {one["division"]: one for one in expenses["payments"]}
    food = divisions["Food and non-alcoholic beverages"]
    assert food["avgMonthly"] == "-50.00"
    assert sum(one["percentageTotal"] for one in expenses["payments"]) == pytest.approx(100, abs=0.2)


def test_affordability_adds_up_accounts_and_links_to_its_parts(connected: Partner) -> None:
    made = _make(connected, "affordability").json()
    accounts = connected.get(f"/users/{connected.user}/accounts").json()["data"]
    assets = sum(Decimal(a["balance"]) for a in accounts if a["class"]["type"] != "credit-card")
    owed = sum(Decimal(a["balance"]) for a in accounts if a["class"]["type"] == "credit-card")
    summary = made["summary"]
    assert Decimal(summary["assets"]) == assets
    assert Decimal(summary["liabilities"]) == owed
    assert Decimal(summary["netPosition"]) == assets + owed
    assert summary["creditLimit"] == "5000.00"
    assert summary["regularIncome"]["previous3Months"]["avgMonthly"] == "1000.00"
    for part in ("income", "expenses"):
        assert connected.get(made["links"][part].removeprefix(BASE)).json()["type"] == part
    assert connected.get(made["links"]["self"].removeprefix(BASE)).json() == made
    assert [one["id"] for one in connected.get(f"/users/{connected.user}/affordability").json()["data"]] == [made["id"]]


def test_a_summary_stays_as_it_was_made(connected: Partner, world: World) -> None:
    made = _make(connected, "affordability").json()
    path = made["links"]["self"].removeprefix(BASE)
    account = next(a for a in world.accounts if a.name == "Hooli Everyday")
    world.pay(account, Movement("new", Decimal("-9.00"), Kind.FEE, NOON, NOON, "FEE"))
    connected.refresh(connected.get(f"/users/{connected.user}/connections").json()["data"][0]["id"])
    connected.wait()
    assert connected.get(path).json() == made


def test_the_rows_behind_a_summary_come_in_pages(connected: Partner) -> None:
    made = _make(connected, "affordability").json()
    path = f"/users/{connected.user}/affordability/{made['id']}/transactions"
    everything = connected.get(path).json()["data"]
    page = connected.get(path, limit=4).json()
    rows = page["data"]
    while "next" in page["links"]:
        page = connected.get(page["links"]["next"].removeprefix(BASE)).json()
        rows += page["data"]
    assert rows == everything
    assert all(row["status"] == "posted" for row in rows)


def test_summaries_come_as_paper_too(connected: Partner) -> None:
    made = _make(connected, "affordability").json()
    base = f"/users/{connected.user}"
    pdf = connected.request("GET", f"{base}/affordability/{made['id']}", headers={"Accept": "application/pdf"})
    assert pdf.content.startswith(b"%PDF")
    expenses = made["links"]["expenses"].removeprefix(BASE)
    table = connected.request("GET", expenses, headers={"Accept": "text/csv"})
    assert next(csv.reader(io.StringIO(table.text))) == ["field", "value"]
    rows = connected.request(
        "GET", f"{base}/affordability/{made['id']}/transactions", headers={"Accept": "application/csv"}
    )
    assert "SALARY HOOLI" in rows.text
    refused = connected.request("GET", f"{base}/income/x", headers={"Accept": "text/csv"})
    assert code(refused) == (400, "unsupported-accept")


def test_where_there_is_nothing_to_sum_up_nothing_is_made(partner: Partner) -> None:
    response = _make(partner, "income")
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"fromMonth": "2026-13"}, (400, "parameter-not-valid")),
        ({"fromMonth": 7}, (400, "parameter-not-valid")),
        ({"fromMonth": "0000-01"}, (400, "parameter-not-valid")),
        ({"fromMonth": "2026-03", "toMonth": "2026-01"}, (400, "parameter-not-valid")),
        ({"accounts": "all"}, (400, "parameter-not-valid")),
        ({"accounts": ["unknown"]}, (404, "resource-not-found")),
    ],
)
def test_a_summary_that_cannot_be_made_is_refused(
    connected: Partner, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code(_make(connected, "expenses", body)) == expected


def test_summaries_are_limited_a_day(connected: Partner) -> None:
    connected.switch(snapshot_limit="users-of-the-day")
    assert _make(connected, "income").status_code == 200
    assert code(_make(connected, "income")) == (429, "too-many-requests")
    connected.wait(timedelta(days=1, seconds=1))
    connected.renew_tokens()
    connected.switch(snapshot_limit="snapshots_per_day", snapshots_per_day=1)
    assert _make(connected, "income").status_code == 200
    assert code(_make(connected, "income")) == (429, "too-many-requests")


def test_an_unknown_summary_is_not_found(connected: Partner) -> None:
    income = _make(connected, "income").json()["id"]
    assert code(connected.get(f"/users/{connected.user}/expenses/{income}")) == (404, "resource-not-found")


def _order(partner: Partner, **changes: Any) -> httpx.Response:
    filters = {
        "fromDate": "2025-12-01",
        "toDate": "2026-03-31",
        "accounts": [],
        "users": [partner.user],
        **changes.pop("filters", {}),
    }
    body = {
        "reportType": "CON_AFFOR_01",
        "title": "Report",
        "filters": [{"name": name, "value": value} for name, value in filters.items()],
        **changes,
    }
    return partner.post("/reports", json=body)


def _report(partner: Partner, **changes: Any) -> Any:
    job = _order(partner, **changes).json()["id"]
    partner.wait()
    url = partner.get(f"/jobs/{job}").json()["steps"][0]["result"]["url"]
    return partner.get(url).json()


def test_a_report_is_made_by_a_job(connected: Partner) -> None:
    response = _order(connected)
    assert response.status_code == 202
    job = f"/jobs/{response.json()['id']}"
    running = connected.get(job).json()
    assert (running["jobType"], running["steps"][0]["status"]) == ("report", "in-progress")
    assert connected.get("/reports").json()["count"] == 0
    assert code(connected.get(f"/reports/{running['sourceId']}")) == (404, "resource-not-found")
    connected.wait()
    done = connected.get(job).json()
    assert done["steps"][0] == {
        "title": "create-report",
        "status": "success",
        "result": {"type": "report", "url": f"/reports/{running['sourceId']}"},
    }
    assert done["links"]["source"] == f"{BASE}/reports/{running['sourceId']}"
    assert [one["id"] for one in connected.get("/reports").json()["data"]] == [running["sourceId"]]


def test_a_report_holds_metrics_groups_and_rows_that_agree(connected: Partner) -> None:
    report = _report(connected)
    values = {metric["id"]: metric["result"]["value"] for metric in report["data"]["metrics"]}
    assert (values["ME001"], values["ME002"], values["ME036"]) == ("1", "975.00", "1000.00")
    assert (values["ME028"], values["ME030"]) == ("false", "true")
    groups = {group["title"]: group for group in report["data"]["groups"]}
    salary = groups["Salary"]
    assert salary["analysis"]["summary"]["transactionCount"] == 4
    assert salary["analysis"]["amount"]["total"] == "3900.00"
    assert str(salary["analysis"]["summary"]["overallPercentage"]["debit"]) == "0.0"  # -0.0 would be equal to it
    assert salary["analysis"]["frequency"]["type"] == "P1M"
    assert [row["amount"] for row in salary["subgroup"][0]["transactions"]] == [
        "900.00",
        "1000.00",
        "1000.00",
        "1000.00",
    ]
    assert groups["Groceries"]["analysis"]["amount"]["total"] == "-200.00"
    rows = connected.get(report["data"]["transactions"].removeprefix(BASE)).json()
    grouped = sum(group["analysis"]["summary"]["transactionCount"] for group in groups.values())
    assert grouped == rows["count"] - 1  # all but the transfer between own accounts


def test_metrics_and_groups_are_chosen_by_code(connected: Partner) -> None:
    chosen = _report(connected, filters={"includeMetrics": ["ME002"], "includeGroups": None})["data"]
    assert [metric["id"] for metric in chosen["metrics"]] == ["ME002"]
    assert chosen["groups"] == []
    everything = _report(connected, filters={"includeMetrics": []})["data"]
    assert len(everything["metrics"]) > 20


def test_a_statement_tells_of_one_account(connected: Partner) -> None:
    account = connected.get(f"/users/{connected.user}/accounts").json()["data"][0]
    filters = [
        {"name": "fromDate", "value": "2026-01-01"},
        {"name": "account", "value": account["id"]},
        {"name": "user", "value": connected.user},
    ]
    job = connected.post("/reports", json={"reportType": "STATEMENT_01", "title": "Mine", "filters": filters}).json()
    connected.wait()
    source = connected.get(f"/jobs/{job['id']}").json()["sourceId"]
    report = connected.get(f"/reports/{source}").json()
    assert report["data"]["account"][0]["balance"] == account["balance"]
    assert report["data"]["identity"]["emails"] == ["gavinbelson@mail.example"]
    logo = connected.client.get(report["data"]["institution"]["logo"].removeprefix(BASE))
    assert logo.headers["content-type"] == "image/svg+xml"
    pdf = connected.request("GET", f"/reports/{source}", headers={"Accept": "application/pdf"})
    assert pdf.content.startswith(b"%PDF")
    assert connected.delete(f"/reports/{source}").status_code == 204
    assert code(connected.get(f"/reports/{source}")) == (404, "resource-not-found")


def test_a_failed_report_has_a_job_without_links(connected: Partner) -> None:
    connected.switch(reports_fail=True)
    job = _order(connected).json()["id"]
    connected.wait()
    failed = connected.get(f"/jobs/{job}").json()
    assert (failed["steps"][0]["status"], failed["links"]) == ("failed", None)
    assert connected.get("/reports").json()["data"] == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reportType": "NONE_01"}, (400, "parameter-not-valid")),
        ({"reportType": None}, (400, "parameter-not-supplied")),
        ({"title": "x" * 51}, (400, "parameter-not-valid")),
        ({"filters": {"fromDate": "soon"}}, (400, "parameter-not-valid")),
        ({"filters": {"fromDate": "2026-02-30"}}, (400, "parameter-not-valid")),
        ({"filters": {"toDate": "9999-12-31"}}, (400, "parameter-not-valid")),
        ({"filters": {"toDate": None}}, (400, "parameter-not-valid")),
        ({"filters": {"users": "me"}}, (400, "parameter-not-valid")),
        ({"filters": {"users": []}}, (400, "parameter-not-supplied")),
        ({"filters": {"users": ["unknown"]}}, (404, "resource-not-found")),
        ({"filters": {"accounts": ["unknown"]}}, (404, "resource-not-found")),
        ({"filters": {"fromDate": "2026-04-01"}}, (400, "parameter-not-valid")),
    ],
)
def test_an_order_that_cannot_be_filled_is_refused(
    connected: Partner, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code(_order(connected, **changes)) == expected


def test_the_types_of_reports_say_what_they_are_asked_with(partner: Partner) -> None:
    assert [one["id"] for one in partner.get("/reports/types").json()["data"]] == ["CON_AFFOR_01", "STATEMENT_01"]
    one = partner.get("/reports/types/STATEMENT_01").json()
    assert {f["name"] for f in one["filters"] if f["required"]} == {"fromDate", "account", "user"}
    assert code(partner.get("/reports/types/NONE")) == (404, "resource-not-found")


def test_enrich_knows_who_is_behind_a_text(partner: Partner) -> None:
    found = partner.get("/enrich", q="GALAH GROCERS 2207 MARRICKVILLE NS AUS", institution="AU00000", country="AU")
    data = found.json()["data"]
    assert data["merchant"]["businessName"] == "Galah Grocers"
    assert data["category"]["anzsic"]["class"]["code"] == "4110"
    assert data["location"]["suburb"] == "Marrickville"
    unknown = partner.get("/enrich", q="NOBODY KNOWS", institution="AU00000", country="AU", amount="12.50").json()
    assert (unknown["direction"], unknown["data"]) == ("credit", {"tags": []})
    missing = partner.get("/enrich", q="X", institution="AU00000")
    assert code(missing) == (400, "parameter-not-supplied")
    assert code(partner.get("/enrich", q="X", institution="A", country="XX")) == (400, "parameter-not-valid")
    assert code(partner.get("/enrich", q="X", institution="A", country="AU", amount="x")) == (
        400,
        "parameter-not-valid",
    )


def test_enrich_is_limited(partner: Partner) -> None:
    partner.switch(enrich_calls=1)
    query = {"q": "X", "institution": "AU00000", "country": "AU"}
    assert partner.get("/enrich", **query).status_code == 200
    assert code(partner.get("/enrich", **query)) == (429, "too-many-requests")


def test_transactions_are_enriched_for_partners_with_that_product(connected: Partner) -> None:
    assert {row["enrich"] for row in connected.transactions()} == {None}
    connected.switch(enrich_included=True)
    enriched = [row["enrich"] for row in connected.transactions(filter="transaction.direction.eq('debit')")]
    names = {one["merchant"]["businessName"] for one in enriched if one["merchant"]}
    assert names == {"Galah Grocers"}
    assert any(one["merchant"] is None for one in enriched)


@pytest.mark.parametrize("kind", ["affordability", "income", "expenses"])
def test_what_cannot_be_the_id_of_a_summary_is_told_apart_from_an_unknown_one(partner: Partner, kind: str) -> None:
    summaries = f"/users/{partner.user}/{kind}"
    assert code(partner.get(f"{summaries}/x")) == (400, "path-parameter-not-valid")
    assert code(partner.get(f"{summaries}/00000000-0000-4000-8000-000000000000")) == (404, "resource-not-found")
