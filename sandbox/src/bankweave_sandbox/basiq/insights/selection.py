"""Which accounts and months a summary is about (providers/basiq.md, section 5.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bankweave_sandbox.basiq import errors
from bankweave_sandbox.basiq.calls import Call
from bankweave_sandbox.basiq.state import Row, StoredAccount, User
from bankweave_sandbox.world import AccountKind

_MONTH = re.compile(r"(19|20)\d{2}-(0[1-9]|1[0-2])")
_MONTHS = 12  # where the request names none; how many is undocumented


@dataclass(frozen=True, slots=True)
class Selection:
    """Accounts, and the first and the last day. Rows that are pending do not count."""

    accounts: tuple[StoredAccount, ...]
    first: date
    last: date

    def pairs(self) -> Iterator[tuple[StoredAccount, Row]]:
        for account in self.accounts:
            yield from ((account, row) for row in account.rows if row.posted and self.first <= day_of(row) <= self.last)

    @property
    def rows(self) -> list[Row]:
        """List the rows of all accounts, oldest first."""
        return sorted((row for _, row in self.pairs()), key=day_of)

    @property
    def cash_flow(self) -> list[Row]:
        """List the rows of all accounts but loans, oldest first: what is charged to a loan is paid by its instalments."""
        pairs = self.pairs()
        return sorted((row for account, row in pairs if not account.kind.is_borrowing), key=day_of)

    @property
    def months(self) -> list[str]:
        names, at = [], self.first.replace(day=1)
        while at <= self.last:
            names.append(f"{at:%Y-%m}")
            at = _next_month(at)
        return names

    @property
    def cards(self) -> list[StoredAccount]:
        return [account for account in self.accounts if account.kind is AccountKind.CREDIT_CARD]

    @property
    def loans(self) -> list[StoredAccount]:
        return [account for account in self.accounts if account.kind.is_borrowing]

    @property
    def coverage(self) -> dict[str, object]:
        """Tell of which days and months it is, as every summary does."""
        months = self.months
        return {"coverageDays": self.coverage_days, "fromMonth": months[0], "toMonth": months[-1]}

    @property
    def coverage_days(self) -> int:
        days = [day_of(row) for row in self.rows]
        return (max(days) - min(days)).days + 1 if days else 0


def day_of(row: Row) -> date:
    return row.booking_date or row.transaction_date


def month_of(row: Row) -> str:
    return f"{day_of(row):%Y-%m}"


def read_selection(call: Call, user: User) -> Selection:
    """Read `accounts`, `fromMonth` and `toMonth`, all of which may be left out."""
    body = call.json()
    accounts = read_accounts(body.get("accounts"), user)
    today = call.platform.now().date()
    to_month = _month(body, "toMonth") or f"{today:%Y-%m}"
    from_month = _month(body, "fromMonth") or _months_before(to_month, _MONTHS - 1)
    if from_month > to_month:
        raise errors.not_valid("fromMonth must not be after toMonth", "fromMonth")
    first, last = date.fromisoformat(f"{from_month}-01"), _last_day(to_month)
    return Selection(accounts, first, last)


def read_accounts(ids: object, user: User) -> tuple[StoredAccount, ...]:
    """Find the named accounts; all of them when none are named."""
    if ids is None or ids == []:
        return tuple(user.accounts.values())
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise errors.not_valid("accounts must be an array of account ids", "accounts")
    return chosen_accounts(ids, user.accounts)


def chosen_accounts(ids: Sequence[str], known: Mapping[str, StoredAccount]) -> tuple[StoredAccount, ...]:
    if not set(ids) <= set(known):
        raise errors.not_found("Requested account does not exist.")
    return tuple(known[id_] for id_ in dict.fromkeys(ids))


def _month(body: dict[str, object], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _MONTH.fullmatch(value):
        raise errors.not_valid(f"{name} must be a month in the format YYYY-MM", name)
    return value


def _months_before(month: str, count: int) -> str:
    number = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _last_day(month: str) -> date:
    return date.fromordinal(_next_month(date.fromisoformat(f"{month}-01")).toordinal() - 1)
