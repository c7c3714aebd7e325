"""Read the JSON bodies of the control origin strictly: a misspelt field is refused, not ignored."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


class Body:
    """A JSON object whose fields are asked for by name and type; whatever is wrong becomes a 400 that says so."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    @classmethod
    async def read(cls, request: Request, known: str) -> Body:
        """Read the request's body; an empty one is an empty object. `known` names the allowed fields."""
        raw = await request.body()
        try:
            fields = json.loads(raw or b"{}")
        except ValueError:
            raise HTTPException(400, "the body is not JSON") from None
        if not isinstance(fields, dict):
            raise HTTPException(400, "the body must be a JSON object")
        strangers = sorted(set(fields) - set(known.split()))
        if strangers:
            raise HTTPException(400, f"unknown field {strangers[0]!r}; known fields: {known.replace(' ', ', ')}")
        return cls(fields)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str) -> str:
        value = self._typed(name, str, "a string")
        if not value:
            raise HTTPException(400, f"{name} is missing")
        return str(value)

    def optional_text(self, name: str) -> str | None:
        value = self._typed(name, str, "a string")
        return None if value is None else str(value)

    def number(self, name: str) -> float | None:
        value = self._typed(name, int | float, "a number")
        return None if value is None else float(value)

    def whole_number(self, name: str, at_least: int = 0) -> int | None:
        value = self._typed(name, int, "a whole number")
        if value is not None and value < at_least:
            raise HTTPException(400, f"{name} must be at least {at_least}")
        return None if value is None else int(value)

    def flag(self, name: str) -> bool:
        value = self._fields.get(name, False)
        if not isinstance(value, bool):
            raise HTTPException(400, f"{name} must be true or false")
        return value

    def texts(self, name: str) -> dict[str, str] | None:
        value = self._typed(name, dict, "an object of strings")
        if value is not None and not all(isinstance(item, str) for item in value.values()):
            raise HTTPException(400, f"{name} must be an object of strings")
        return None if value is None else dict(value)

    def amount(self, name: str) -> Decimal | None:
        """An amount of money, as a string so that no float ever touches it."""
        value = self._typed(name, str, 'a string such as "-12.34"')
        if value is None:
            return None
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise HTTPException(400, f"{name} is not an amount of money") from None
        if not amount.is_finite() or amount != round(amount, 2):
            raise HTTPException(400, f"{name} must have at most two decimals")
        return amount

    def _typed(self, name: str, kind: type | UnionType, spelled: str) -> Any:
        value = self._fields.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise HTTPException(400, f"{name} must be {spelled}")
        return value
