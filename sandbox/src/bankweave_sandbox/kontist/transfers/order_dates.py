"""When a standing order comes due (providers/kontist.md section 7.2)."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

_WEEKS = {"WEEKLY": 1, "BIWEEKLY": 2}
_MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "EVERY_SIX_MONTHS": 6, "ANNUALLY": 12}


def occurrence(first: datetime, reoccurrence: str, number: int) -> datetime:
    """Give the date `number` steps after the first one.

    Counted from the first, so that an order for the 31st comes back to it after February; what happens there is
    undocumented.
    """
    if reoccurrence in _WEEKS:
        return first + timedelta(weeks=_WEEKS[reoccurrence] * number)
    months = first.month - 1 + _MONTHS[reoccurrence] * number
    year, month = first.year + months // 12, months % 12 + 1
    return first.replace(year=year, month=month, day=min(first.day, monthrange(year, month)[1]))
