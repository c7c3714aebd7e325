"""Basiq's categories: report groups, industries and expense classes, by what the world knows of a row.

The names of groups and industries are the provider's and ANZSIC's; the codes of the expense classes are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankweave_sandbox.basiq.state import Row
from bankweave_sandbox.lending import LOAN_REPAYMENT, MORTGAGE_REPAYMENT
from bankweave_sandbox.places import PAY_LATER
from bankweave_sandbox.world import Kind

INTERNAL = "own_account"  # the world's category of transfers between a person's own accounts


@dataclass(frozen=True, slots=True)
class Group:
    """A line of the affordability report."""

    id: str
    title: str
    sections: tuple[str, ...]


INCOME, LIABILITIES, HIGH_RISK = "Income", "Liabilities", "High Risk Activities"
NEEDED, WANTED, OTHER = "Non-Discretionary Expenses", "Discretionary Expenses", "Other Expenses"
SALARY = Group("INC-009", "Salary", (INCOME,))
INTEREST = Group("INC-004", "Interest Income", (INCOME,))
JOBSEEKER = Group("INC-016", "Jobseeker", (INCOME,))
OTHER_CREDITS = Group("INC-007", "Other Credits", (INCOME,))
GROCERIES = Group("EXP-016", "Groceries", (NEEDED,))
TELECOMMUNICATION = Group("EXP-036", "Telecommunication", (NEEDED,))
UTILITIES = Group("EXP-040", "Utilities", (NEEDED,))
CASH = Group("EXP-001", "ATM Withdrawals", (OTHER, HIGH_RISK))
DEBT_INTEREST = Group("EXP-006", "Debt Interest Accrual", (OTHER, HIGH_RISK))
TRANSFERS = Group("EXP-013", "External Transfers", (OTHER,))
UNCATEGORISED = Group("EXP-039", "Uncategorised Debits", (WANTED,))
MORTGAGE_REPAYMENTS = Group("EXP-056", "Mortgage Repayments", (LIABILITIES,))
_CATEGORISED = Group("EXP-054", "Other Categorised", (WANTED,))
_DINING = Group("EXP-008", "Dining Out", (WANTED,))
_DEBITS = {
    "groceries": GROCERIES,
    "telephone": TELECOMMUNICATION,
    "utilities": UTILITIES,
    "insurance": Group("EXP-021", "Insurance", (NEEDED,)),
    "rent": Group("EXP-030", "Rent", (NEEDED,)),
    "cafe": _DINING,
    "restaurant": _DINING,
    "transport": Group("EXP-041", "Vehicle and Transport", (WANTED,)),
    "shopping": Group("EXP-031", "Retail", (WANTED,)),
    "software": Group("EXP-034", "Subscription Services", (WANTED,)),
    "office": _CATEGORISED,
    "tax": Group("EXP-015", "Government & Council Services", (WANTED,)),
    "gambling": Group("EXP-014", "Gambling", (WANTED, HIGH_RISK)),
    PAY_LATER.category: Group("EXP-025", "Other Finance", (LIABILITIES,)),
    MORTGAGE_REPAYMENT: MORTGAGE_REPAYMENTS,
    LOAN_REPAYMENT: Group("EXP-057", "Loan Repayments", (LIABILITIES,)),
}
_KINDS = {Kind.CASH: CASH, Kind.FEE: _CATEGORISED, Kind.INTEREST: DEBT_INTEREST, Kind.TRANSFER: TRANSFERS}
_CREDITS = {
    "unemployment_benefit": JOBSEEKER,
    "gig": Group("INC-006", "Other Earnings", (INCOME,)),
    "business_income": Group("INC-006", "Other Earnings", (INCOME,)),
    "rental_income": Group("INC-008", "Rent & Board Income", (INCOME,)),
}
GROUPS = tuple(
    dict.fromkeys(
        (
            *(SALARY, INTEREST, *_CREDITS.values(), OTHER_CREDITS),
            *_DEBITS.values(),
            *(CASH, _CATEGORISED, DEBT_INTEREST, TRANSFERS, UNCATEGORISED),
        )
    )
)


def group_of(row: Row) -> Group | None:
    """Sort a row into the report; transfers between own accounts are in none."""
    if row.category == INTERNAL:
        return None
    if row.amount < 0:
        return _DEBITS.get(row.category) or _KINDS.get(row.kind, UNCATEGORISED)
    if row.category in _CREDITS:
        return _CREDITS[row.category]
    return {Kind.SALARY: SALARY, Kind.INTEREST: INTEREST}.get(row.kind, OTHER_CREDITS)


@dataclass(frozen=True, slots=True)
class Industry:
    """An ANZSIC 2006 class with all that is above it."""

    division: tuple[str, str]
    subdivision: tuple[str, str]
    group: tuple[str, str]
    class_: tuple[str, str]

    def tree(self) -> dict[str, dict[str, str]]:
        levels = {
            "division": self.division,
            "subdivision": self.subdivision,
            "group": self.group,
            "class": self.class_,
            "subclass": (f"{self.class_[0]}00", self.class_[1]),
        }
        return {name: {"code": code, "title": title} for name, (code, title) in levels.items()}


_RETAIL = ("G", "Retail Trade")
_FOOD = ("H", "Accommodation and Food Services")
_FOOD_SERVICES = ("45", "Food and Beverage Services")
_DINING_GROUP = ("451", "Cafes, Restaurants and Takeaway Food Services")
INDUSTRIES = {
    "groceries": Industry(
        _RETAIL,
        ("41", "Food Retailing"),
        ("411", "Supermarket and Grocery Stores"),
        ("4110", "Supermarket and Grocery Stores"),
    ),
    "cafe": Industry(_FOOD, _FOOD_SERVICES, _DINING_GROUP, ("4511", "Cafes and Restaurants")),
    "restaurant": Industry(_FOOD, _FOOD_SERVICES, _DINING_GROUP, ("4511", "Cafes and Restaurants")),
    "transport": Industry(
        ("I", "Transport, Postal and Warehousing"),
        ("46", "Road Transport"),
        ("462", "Road Passenger Transport"),
        ("4622", "Urban Bus Transport (Including Tramway)"),
    ),
    "shopping": Industry(
        _RETAIL,
        ("42", "Other Store-Based Retailing"),
        ("426", "Department Stores"),
        ("4260", "Department Stores"),
    ),
    "software": Industry(
        ("M", "Professional, Scientific and Technical Services"),
        ("70", "Computer System Design and Related Services"),
        ("700", "Computer System Design and Related Services"),
        ("7000", "Computer System Design and Related Services"),
    ),
    "utilities": Industry(
        ("D", "Electricity, Gas, Water and Waste Services"),
        ("26", "Electricity Supply"),
        ("264", "On Selling Electricity and Electricity Market Operation"),
        ("2640", "On Selling Electricity and Electricity Market Operation"),
    ),
    "telephone": Industry(
        ("J", "Information Media and Telecommunications"),
        ("58", "Telecommunications Services"),
        ("580", "Telecommunications Services"),
        ("5802", "Other Telecommunications Network Operation"),
    ),
    "insurance": Industry(
        ("K", "Financial and Insurance Services"),
        ("63", "Insurance and Superannuation Funds"),
        ("632", "Health and General Insurance"),
        ("6321", "Health Insurance"),
    ),
    "office": Industry(
        _RETAIL,
        ("42", "Other Store-Based Retailing"),
        ("427", "Pharmaceutical and Other Store-Based Retailing"),
        ("4272", "Stationery Goods Retailing"),
    ),
    "gambling": Industry(
        ("R", "Arts and Recreation Services"),
        ("92", "Gambling Activities"),
        ("920", "Gambling Activities"),
        ("9209", "Other Gambling Activities"),
    ),
    PAY_LATER.category: Industry(
        ("K", "Financial and Insurance Services"),
        ("62", "Finance"),
        ("623", "Non-Depository Financing"),
        ("6230", "Non-Depository Financing"),
    ),
}


@dataclass(frozen=True, slots=True)
class ExpenseClass:
    division_code: str
    division: str
    code: str
    title: str


_OTHER_EXPENSES = ExpenseClass("13", "Miscellaneous goods and services", "1301010101", "Miscellaneous services")
_EXPENSE_CLASSES = {
    "groceries": ExpenseClass("01", "Food and non-alcoholic beverages", "0101010101", "Groceries"),
    "rent": ExpenseClass("02", "Housing", "0201010101", "Rent payments"),
    "utilities": ExpenseClass("03", "Domestic fuel and power", "0301010101", "Electricity"),
    "shopping": ExpenseClass("08", "Recreation", "0801010101", "Books"),
    "transport": ExpenseClass("10", "Transport", "1001010101", "Transport"),
    "telephone": ExpenseClass("11", "Communication", "1101010101", "Mobile telephone"),
    "cafe": ExpenseClass("01", "Food and non-alcoholic beverages", "0102010101", "Meals out"),
    "restaurant": ExpenseClass("01", "Food and non-alcoholic beverages", "0102010101", "Meals out"),
    "insurance": ExpenseClass("12", "Health", "1201010101", "Health insurance"),
    "software": ExpenseClass("08", "Recreation", "0802010101", "Subscriptions"),
    "gambling": ExpenseClass("08", "Recreation", "0803010101", "Gambling"),
    PAY_LATER.category: ExpenseClass("13", "Miscellaneous goods and services", "1302010101", "Credit instalments"),
}


def expense_class_of(row: Row) -> ExpenseClass:
    return _EXPENSE_CLASSES.get(row.category, _OTHER_EXPENSES)
