"""Basiq's words for what a transaction is (providers/basiq.md, section 5.2)."""

from __future__ import annotations

from bankweave_sandbox.basiq.state import Row
from bankweave_sandbox.lending import REPAYMENTS
from bankweave_sandbox.places import PAY_LATER
from bankweave_sandbox.world import Kind

_DEBITS = {
    Kind.FEE: "bank-fee",
    Kind.CASH: "cash-withdrawal",
    Kind.TRANSFER: "transfer",
    Kind.RENT: "transfer",
    Kind.INTEREST: "loan-interest",
}
_CREDITS = {
    Kind.CARD_REFUND: "refund",
    Kind.DIRECT_DEBIT: "refund",
    Kind.FEE: "refund",
    Kind.TRANSFER: "transfer",
    Kind.INTEREST: "interest",
}
# Transfers that pay somebody for something.
_EARNED = {"unemployment_benefit", "gig", "rental_income", "business_income", "gambling"}
# ANZSIC 2006 groups of the world's categories.
_GROUPS = {
    "groceries": ("411", "Supermarket and Grocery Stores"),
    "cafe": ("451", "Cafes, Restaurants and Takeaway Food Services"),
    "restaurant": ("451", "Cafes, Restaurants and Takeaway Food Services"),
    "transport": ("462", "Road Passenger Transport"),
    "shopping": ("426", "Department Stores"),
    "software": ("700", "Computer System Design and Related Services"),
    "utilities": ("264", "On Selling Electricity and Electricity Market Operation"),
    "telephone": ("580", "Telecommunications Services"),
    "insurance": ("632", "Health and General Insurance"),
    "office": ("427", "Pharmaceutical and Other Store-Based Retailing"),
    "gambling": ("920", "Gambling Activities"),
    PAY_LATER.category: ("623", "Non-Depository Financing"),
}


def class_of(row: Row) -> str:
    """Name the class. An instalment is a `loan-repayment` on the loan; where it is paid from that is no class of debits."""
    if row.amount < 0:
        return _DEBITS.get(row.kind, "payment")
    if row.category in REPAYMENTS:
        return "loan-repayment"
    if row.category in _EARNED:
        return "direct-credit"
    return _CREDITS.get(row.kind, "direct-credit")


def sub_class_of(row: Row, *, with_payments: bool) -> dict[str, str] | None:
    """Name a payment's industry group, for partners that are shown it; the world has no fees for conduct."""
    group = _GROUPS.get(row.category)
    if not with_payments or class_of(row) != "payment" or group is None:
        return None
    code, title = group
    return {"code": code, "title": title}
