"""The documented test people with what they own, owe and earn (providers/basiq.md, sections 5 and 8)."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bankweave_sandbox import cast
from bankweave_sandbox.basiq import BasiqDialect
from bankweave_sandbox.history import make_world
from bankweave_sandbox.terms import Loan
from bankweave_sandbox.world import Account, AccountKind, Person, World

from .bank import NOON, Login, StandingClock
from .caller import BASE, Bridge, Partner

HOOLI, HOOLI_GOV = "AU00000", "AU00004"
YEAR = {"fromMonth": "2025-03", "toMonth": "2026-02"}


@pytest.fixture
def world() -> World:
    return make_world(StandingClock(NOON))


@pytest.fixture
def visitor(world: World, runner: asyncio.Runner) -> Partner:
    dialect = BasiqDialect(world)
    client = httpx.Client(transport=Bridge(dialect.app, runner), base_url=BASE)
    control = httpx.Client(transport=Bridge(Starlette(routes=list(dialect.controls)), runner), base_url=BASE)
    return Partner(dialect, world, client, control)


def connect(visitor: Partner, person: Person, institution: str = HOOLI) -> None:
    visitor.connect(Login(person.username, person.password), institution)
    visitor.wait()


def accounts(visitor: Partner) -> dict[str, Any]:
    listed = visitor.get(f"/users/{visitor.user}/accounts").json()["data"]
    return {one["class"]["type"]: one for one in listed}


def rows(visitor: Partner, **fits: str) -> list[dict[str, Any]]:
    listed = visitor.get(f"/users/{visitor.user}/transactions").json()
    found = listed["data"]
    while "next" in listed["links"]:
        listed = visitor.get(listed["links"]["next"].removeprefix(BASE)).json()
        found += listed["data"]
    return [row for row in found if all(row[name] == value for name, value in fits.items())]


def summed_up(visitor: Partner, kind: str, **body: Any) -> Any:
    return visitor.post(f"/users/{visitor.user}/{kind}", json={**YEAR, **body}).json()


def report(visitor: Partner, **choice: list[str]) -> Any:
    wanted = {"fromDate": "2025-03-01", "toDate": "2026-02-28", "accounts": [], "users": [visitor.user], **choice}
    filters = [{"name": name, "value": value} for name, value in wanted.items()]
    job = visitor.post("/reports", json={"reportType": "CON_AFFOR_01", "title": "A year", "filters": filters}).json()
    visitor.wait()
    return visitor.get(visitor.get(f"/jobs/{job['id']}").json()["steps"][0]["result"]["url"]).json()["data"]


def groups(visitor: Partner, **choice: list[str]) -> dict[str, Any]:
    return {one["title"]: one for one in report(visitor, **choice)["groups"]}


def metrics(visitor: Partner, **choice: list[str]) -> dict[str, str]:
    return {one["id"]: one["result"]["value"] for one in report(visitor, **choice)["metrics"]}


def account_in(world: World, shown: dict[str, Any]) -> Account:
    account = world.account(shown["id"])
    assert account is not None
    return account


def months(history: list[dict[str, str]]) -> set[str]:
    return {one["date"] for one in history}


# Accounts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "classes"),
    [
        (cast.WENTWORTH, {"transaction": "Everyday", "mortgage": "Home Loan", "loan": "Car Loan"}),
        (cast.WHISTLER, {"transaction": "Everyday"}),
        (
            cast.GAVIN,
            {
                "transaction": "Transaction",
                "savings": "Saver",
                "credit-card": "Platinum Visa",
                "loan": "Personal Loan",
            },
        ),
        (cast.JARED, {"transaction": "Everyday", "term-deposit": "Term Deposit"}),
    ],
    ids=lambda value: value.username if isinstance(value, Person) else None,
)
def test_people_have_accounts_of_their_classes_and_products(
    visitor: Partner, person: Person, classes: dict[str, str]
) -> None:
    connect(visitor, person)
    shown = {class_: one["class"]["product"] for class_, one in accounts(visitor).items()}
    assert shown == {class_: f"Hooli {product}" for class_, product in classes.items()}


def test_a_mortgage_tells_what_is_owed_and_how_it_is_paid_back(visitor: Partner, world: World) -> None:
    connect(visitor, cast.WENTWORTH)
    mortgage = accounts(visitor)["mortgage"]
    account = account_in(world, mortgage)
    loan = account.terms
    assert isinstance(loan, Loan)

    assert Decimal(mortgage["balance"]) == world.booked_balance(account) < -500_000
    assert Decimal(mortgage["creditLimit"]) == loan.amount
    assert Decimal(mortgage["availableFunds"]) == loan.amount + Decimal(mortgage["balance"])
    assert (mortgage["accountHolder"], mortgage["accountOwnership"]) == ("WENTWORTH SMITH & WILMA SMITH", "TWO_PARTY")
    assert Decimal(mortgage["lendingRate"]) == loan.rate
    assert Decimal(mortgage["amortisedLimit"]) == loan.owed_after(loan.instalments_until(NOON.date()))
    (rate,) = mortgage["meta"]["lendingRates"]
    assert (rate["lendingRateType"], rate["rate"], rate["loanPurpose"]) == (
        "VARIABLE",
        mortgage["lendingRate"],
        "OWNER_OCCUPIED",
    )
    plan = mortgage["meta"]["loan"]
    assert plan["startDate"] == account.opened_on.isoformat()
    assert int(plan["endDate"][:4]) == account.opened_on.year + 30
    assert plan["nextInstalmentDate"] in {f"2026-0{month}-{account.opened_on.day:02d}" for month in (3, 4)}
    assert (plan["minInstalmentAmount"], plan["repaymentFrequency"]) == (f"{loan.instalment:.2f}", "P1M")


def test_a_term_deposit_tells_its_running_term_and_what_it_will_pay(visitor: Partner) -> None:
    connect(visitor, cast.JARED)
    deposit = accounts(visitor)["term-deposit"]

    assert (deposit["availableFunds"], deposit["creditLimit"]) == ("0.00", None)
    (term,) = deposit["meta"]["termDeposit"]
    assert term["lodgementDate"] < "2024-01-01"
    assert "2026-03-10" < term["maturityDate"] <= "2026-09-10"
    half_a_year = Decimal(deposit["balance"]) * Decimal(deposit["depositRate"]) / 2
    earned = Decimal(term["maturityAmount"]) - Decimal(deposit["balance"])
    assert earned == half_a_year.quantize(Decimal("0.01"))
    assert term["maturityInstructions"] == "ROLLED_OVER"
    assert {row["class"] for row in rows(visitor, account=deposit["id"])} == {"interest"}


def test_an_everyday_account_has_no_details_of_a_product(visitor: Partner) -> None:
    connect(visitor, cast.WENTWORTH)
    everyday = accounts(visitor)["transaction"]
    assert everyday["meta"] is None
    assert everyday.keys().isdisjoint({"lendingRate", "depositRate", "amortisedLimit"})


@pytest.mark.parametrize(("institution", "told"), [(HOOLI, False), (HOOLI_GOV, True)])
def test_details_of_products_may_come_from_open_banking_only(visitor: Partner, institution: str, *, told: bool) -> None:
    visitor.switch(product_details="open-banking")
    connect(visitor, cast.WENTWORTH, institution)
    loan = accounts(visitor)["loan"]
    assert (loan["meta"] is not None) is ("lendingRate" in loan) is told
    assert Decimal(loan["balance"]) < 0


def test_instalments_and_interest_have_classes_of_their_own(visitor: Partner) -> None:
    connect(visitor, cast.WENTWORTH)
    shown = accounts(visitor)
    on_loan = rows(visitor, account=shown["loan"]["id"])
    assert {(row["class"], row["direction"]) for row in on_loan} == {
        ("loan-repayment", "credit"),
        ("loan-interest", "debit"),
    }
    repaid = {row["amount"] for row in on_loan if row["class"] == "loan-repayment"}
    paid = {row["amount"] for row in rows(visitor, account=shown["transaction"]["id"], **{"class": "transfer"})}
    assert {f"-{amount}" for amount in repaid} <= paid
    chosen = visitor.get(f"/users/{visitor.user}/transactions", filter="transaction.class.eq('loan-interest')").json()
    assert {row["account"] for row in chosen["data"]} == {shown["loan"]["id"], shown["mortgage"]["id"]}


# What the summaries make of it ----------------------------------------------------------------------------------------


def test_loans_are_liabilities_with_their_instalments_and_interest(visitor: Partner) -> None:
    connect(visitor, cast.WENTWORTH)
    shown, made = accounts(visitor), summed_up(visitor, "affordability")
    loans = {one["account"]["type"]: one for one in made["liabilities"]["loan"]}
    assert loans.keys() == {"mortgage", "loan"}
    assert {one["account"]["type"] for one in made["assets"]} == {"transaction"}
    assert (made["liabilities"]["credit"], made["external"]) == ([], [])

    mortgage, month = loans["mortgage"], loans["mortgage"]["previousMonth"]
    assert mortgage["balance"] == shown["mortgage"]["balance"]
    assert mortgage["previous6Months"] == {"arrears": "false"}
    assert month["totalRepayments"] == month["totalCredits"] == shown["mortgage"]["meta"]["loan"]["minInstalmentAmount"]
    assert month["totalDebits"] == month["totalInterestCharged"]
    assert -Decimal(month["totalRepayments"]) < Decimal(month["totalInterestCharged"]) < 0
    assert {(change["date"][:7], change["direction"]) for change in mortgage["changeHistory"]} == {
        (f"{year}-{month:02d}", direction)
        for year, first, last in ((2025, 3, 12), (2026, 1, 2))
        for month in range(first, last + 1)
        for direction in ("credit", "debit")
    }


def test_what_is_owed_and_paid_back_is_in_the_summary(visitor: Partner) -> None:
    connect(visitor, cast.WENTWORTH)
    shown, summary = accounts(visitor), summed_up(visitor, "affordability")["summary"]
    owed = Decimal(shown["loan"]["balance"]) + Decimal(shown["mortgage"]["balance"])
    instalments = [Decimal(shown[one]["meta"]["loan"]["minInstalmentAmount"]) for one in ("loan", "mortgage")]
    assert Decimal(summary["liabilities"]) == owed
    assert Decimal(summary["netPosition"]) == Decimal(shown["transaction"]["balance"]) + owed
    assert Decimal(summary["loanRepaymentMonthly"]) == sum(instalments)
    assert (summary["creditLimit"], summary["potentialLiabilitiesMonthly"]) == ("0.00", "0.00")


def test_instalments_are_an_expense_and_no_income(visitor: Partner) -> None:
    connect(visitor, cast.WENTWORTH)
    shown, expenses, income = accounts(visitor), summed_up(visitor, "expenses"), summed_up(visitor, "income")
    instalments = [Decimal(shown[one]["meta"]["loan"]["minInstalmentAmount"]) for one in ("loan", "mortgage")]
    assert Decimal(expenses["loanRepayments"]["avgMonthly"]) == -sum(instalments)
    assert -sum(instalments) < Decimal(expenses["loanInterests"]["avgMonthly"]) < 0
    assert len(months(expenses["loanRepayments"]["changeHistory"])) == 12
    assert {one["source"].split()[0] for one in income["regular"]} == {"salary"}
    assert not [one for one in income["otherCredit"] if "repayment" in one["source"]]


def test_a_loan_without_an_instalment_in_a_month_is_in_arrears(visitor: Partner, world: World) -> None:
    debt = next(a for a in world.accounts if a.kind is AccountKind.LOAN and cast.WENTWORTH in a.holders)
    debt.movements[:] = [m for m in debt.movements if m.amount < 0 or f"{m.occurred_at:%Y-%m}" != "2025-12"]
    connect(visitor, cast.WENTWORTH)
    loans = {one["account"]["type"]: one for one in summed_up(visitor, "affordability")["liabilities"]["loan"]}
    assert loans["loan"]["previous6Months"] == {"arrears": "true"}
    assert loans["mortgage"]["previous6Months"] == {"arrears": "false"}


def test_a_loan_that_was_not_shared_is_an_external_liability(visitor: Partner) -> None:
    connect(visitor, cast.WENTWORTH)
    shown = accounts(visitor)
    chosen = [shown["transaction"]["id"], shown["loan"]["id"]]
    made = summed_up(visitor, "affordability", accounts=chosen)
    (lender,) = made["external"]
    instalment = shown["mortgage"]["meta"]["loan"]["minInstalmentAmount"]
    assert lender["source"] == "loan repayment hooli home loan"
    assert lender["payments"][0] == {
        "amountAvg": f"-{instalment}",
        "amountAvgMonthly": f"-{instalment}",
        "first": lender["changeHistory"][-1]["date"],
        "last": lender["changeHistory"][0]["date"],
        "noOccurrences": 12,
        "total": f"{-12 * Decimal(instalment):.2f}",
    }
    assert made["summary"]["potentialLiabilitiesMonthly"] == f"-{instalment}"
    assert metrics(visitor, accounts=chosen)["ME047"] == "true"
    assert metrics(visitor)["ME047"] == "false"
    assert metrics(visitor)["ME048"] == instalment


@pytest.mark.parametrize("person", [cast.WHISTLER, cast.GILFOYLE], ids=lambda person: person.username)
def test_who_buys_now_and_pays_later_owes_a_lender_without_an_account(visitor: Partner, person: Person) -> None:
    connect(visitor, person)
    made = summed_up(visitor, "affordability")
    (lender,) = made["external"]
    assert lender["source"] == "platypay instalment sydney ns aus"
    assert lender["payments"][0]["noOccurrences"] == len(lender["changeHistory"]) == 24
    assert Decimal(made["summary"]["potentialLiabilitiesMonthly"]) < -50
    assert made["liabilities"] == {"credit": [], "loan": []}
    found = groups(visitor)["Other Finance"]
    assert (found["sections"], found["analysis"]["summary"]["transactionCount"]) == (["Liabilities"], 24)
    assert metrics(visitor)["ME009"] == "1"


@pytest.mark.parametrize(
    ("person", "title", "sources"),
    [
        (cast.GILFOYLE, "Jobseeker", {"COMMONWEALTH BENEFITS JOB SEEKING"}),
        (cast.JARED, "Other Earnings", {"WOMBAT RIDES DRIVER PAYOUT", "DINGO & DAUGHTERS COURIER PAYOUT"}),
        (cast.RICHARD, "Rent & Board Income", {"CURRAWONG LETTINGS RENT FABLE ST", "LYREBIRD REALTY RENT YARN RD"}),
        (cast.LAURIE, "Other Earnings", {"PIED PIPER PTY LTD INVOICE", "ENDFRAME & CO RETAINER"}),
    ],
    ids=lambda value: value.username if isinstance(value, Person) else "",
)
def test_incomes_other_than_salaries_are_told_apart(
    visitor: Partner, person: Person, title: str, sources: set[str]
) -> None:
    connect(visitor, person)
    found = groups(visitor)[title]
    assert {one["name"] for one in found["subgroup"]} == sources
    income = summed_up(visitor, "income")
    told = {one["source"].upper() for one in (*income["regular"], *income["irregular"])}
    assert sources <= told


def test_what_drivers_earn_is_irregular_and_what_agencies_pay_is_regular(visitor: Partner) -> None:
    connect(visitor, cast.JARED)
    driver = summed_up(visitor, "income")
    assert (driver["regular"], len(driver["irregular"])) == ([], 2)
    assert Decimal(driver["summary"]["irregularIncomeAvg"]) > 1000


def test_benefits_are_regular_every_fortnight_and_flagged(visitor: Partner) -> None:
    connect(visitor, cast.GILFOYLE)
    (benefits,) = summed_up(visitor, "income")["regular"]
    assert benefits["frequency"] == "bi-weekly"
    found = metrics(visitor)
    assert (found["ME031"], found["ME001"]) == ("true", "0")
    assert Decimal(found["ME007"]) > 1500
    assert Decimal(found["ME033"]) < 200


def test_bets_are_gambling_everywhere(visitor: Partner) -> None:
    visitor.switch(enrich_included=True, payment_sub_classes=True)
    connect(visitor, cast.ASH)
    found = groups(visitor)["Gambling"]
    assert found["sections"] == ["Discretionary Expenses", "High Risk Activities"]
    assert found["analysis"]["summary"]["transactionCount"] > 50
    lost = Decimal(found["analysis"]["amount"]["total"])
    assert Decimal(metrics(visitor)["ME021"]) < lost < -2000
    bets = [row for row in rows(visitor, direction="debit") if "LUCKY DINGO" in row["description"]]
    assert {row["subClass"]["title"] for row in bets} == {"Gambling Activities"}
    assert {row["enrich"]["merchant"]["businessName"] for row in bets} == {"Lucky Dingo Bets"}
    assert {row["enrich"]["category"]["anzsic"]["class"]["code"] for row in bets} == {"9209"}
    divisions = {one["division"]: one for one in summed_up(visitor, "expenses")["payments"]}
    titles = {one["category"]["expenseClass"]["classTitle"] for one in divisions["Recreation"]["subCategory"]}
    assert "Gambling" in titles


def test_business_is_identified_with_who_acts_for_it(visitor: Partner) -> None:
    connect(visitor, cast.LAURIE)
    (identity,) = visitor.get(f"/users/{visitor.user}/identities").json()["data"]
    organisation = identity["organisation"]
    assert (organisation["businessName"], organisation["organisationType"]) == ("Bream Advisory Pty Ltd", "COMPANY")
    assert organisation["abn"].endswith(organisation["acn"])
    assert (organisation["agentFirstName"], organisation["agentLastName"]) == ("Laurie", "Bream")


def test_private_person_is_no_organisation(visitor: Partner) -> None:
    connect(visitor, cast.GAVIN)
    (identity,) = visitor.get(f"/users/{visitor.user}/identities").json()["data"]
    assert "organisation" not in identity
