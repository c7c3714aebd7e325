from __future__ import annotations

import re
from pathlib import Path

import pytest

from bankweave_kontist.transactions.types import KINDS, RESERVABLE, kind_of

SCHEMA = Path(__file__).resolve().parents[5] / "shared/specs/kontist.schema.graphql"


def test_every_type_of_the_schema_is_in_the_table_and_no_other() -> None:
    if not SCHEMA.exists():
        pytest.skip(f"the reconstructed schema of Kontist is not beside the checkout: {SCHEMA.name}")
    enum = re.search(r"enum TransactionProjectionType \{(.*?)\}", SCHEMA.read_text(), re.DOTALL)
    assert enum is not None
    assert set(enum[1].split()) == set(KINDS)


def test_there_are_65_types() -> None:
    assert len(KINDS) == 65


@pytest.mark.parametrize("name", KINDS)
def test_a_code_is_domain_family_and_subfamily(name: str) -> None:
    codes = {KINDS[name].credit, KINDS[name].debit} - {None}
    assert all(re.fullmatch(r"(PMNT|ACMT)-[A-Z]{4}-[A-Z]{4}", code or "") for code in codes)


@pytest.mark.parametrize(
    ("name", "cents", "code"),
    [
        ("SEPA_CREDIT_TRANSFER", 100, "PMNT-RCDT-ESCT"),
        ("SEPA_CREDIT_TRANSFER", -100, "PMNT-ICDT-ESCT"),
        ("SEPAInstantCreditTransfer", -100, "PMNT-IRCT-ESCT"),
        ("SEPA_DIRECT_DEBIT", -100, "PMNT-RDDT-ESDD"),
        ("SEPA_DIRECT_DEBIT_RETURN", 100, "PMNT-RDDT-UPDD"),
        ("SEPA_CREDIT_TRANSFER_RETURN", 100, "PMNT-ICDT-RRTN"),
        ("CARD_USAGE", -100, "PMNT-CCRD-POSD"),
        ("ATM", -100, "PMNT-CCRD-CWDL"),
        ("CHARGE", -100, "ACMT-MDOP-CHRG"),
        ("INTRA_CUSTOMER_TRANSFER", 100, "PMNT-RCDT-BOOK"),
        ("FAILED_CARD_USAGE", -100, None),
        ("EXTERNAL_TRANSACTION", -100, None),
        ("CAME_LATER", -100, None),
    ],
)
def test_the_direction_of_the_money_decides_the_code(name: str, cents: int, code: str | None) -> None:
    assert kind_of(name).code(cents) == code


def test_what_takes_something_back_says_so() -> None:
    assert {name for name in KINDS if "CANCEL" in name or name.endswith(("RETURN", "REVERSAL", "Return"))} <= {
        name for name, kind in KINDS.items() if kind.is_reversal
    }


@pytest.mark.parametrize(("name", "sign"), [("CANCELLATION_DIRECT_DEBIT", 1), ("CorrectionSEPACreditTransfer", 1)])
def test_a_reversal_has_the_code_of_what_it_takes_back(name: str, sign: int) -> None:
    original = {"CANCELLATION_DIRECT_DEBIT": "DIRECT_DEBIT", "CorrectionSEPACreditTransfer": "SEPA_CREDIT_TRANSFER"}
    assert kind_of(name).code(sign) == kind_of(original[name]).code(-sign)


def test_only_card_types_can_be_reservations() -> None:
    assert all(KINDS[name].is_card for name in RESERVABLE)
    assert {"CARD_USAGE", "ATM"} <= RESERVABLE
    assert RESERVABLE.isdisjoint({"FAILED_CARD_USAGE", "SEPA_DIRECT_DEBIT", "CANCELLATION_CARD_TRANSACTION"})


def test_fees_are_told_from_payments() -> None:
    fees = {name for name, kind in KINDS.items() if kind.is_fee}
    assert {"CHARGE", "DEPOSIT_FEE", "COMMISSION_OVERDRAFT", "InterestOverdraft"} <= fees
    assert fees.isdisjoint({"SEPA_CREDIT_TRANSFER", "CARD_USAGE", "INTEREST_ACCRUED"})
