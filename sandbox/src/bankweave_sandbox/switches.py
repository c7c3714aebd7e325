"""Serve a dialect's switches: a dataclass that says how the provider behaves where its documents are silent."""

from __future__ import annotations

import dataclasses
import json
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_T = TypeVar("_T")


class SwitchError(ValueError):
    """The asked change names no switch, or its value has the wrong type; the message lists what is known."""


def switch(meaning: str, *, default: _T) -> _T:
    """Declare a field of a dialect's switches; the meaning cites the section of the provider's notes.

    Returns the type of the default, as `dataclasses.field` does for type checkers.
    """
    return dataclasses.field(default=default, metadata={"meaning": meaning})


def explain(switches: Any) -> dict[str, dict[str, Any]]:
    """Say of each switch how it stands and what it means."""
    return {
        field.name: {"value": getattr(switches, field.name), "meaning": field.metadata["meaning"]}
        for field in dataclasses.fields(switches)
    }


def switch_routes(switches: object) -> list[Route]:
    """Build `GET /switches` and `PATCH /switches` for a mutable dataclass instance.

    Fields may be bool, int, float, str, a Literal, a tuple of those, or one of these or None. A patch is taken whole or
    not at all.
    """
    if not dataclasses.is_dataclass(switches) or isinstance(switches, type):
        raise TypeError("switches must be an instance of a dataclass")
    if switches.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # typeshed does not know the attribute
        raise TypeError("switches must be mutable: a patch changes the instance that the dialect reads")

    async def show(_request: Request) -> Response:
        return JSONResponse(dataclasses.asdict(switches))

    async def patch(request: Request) -> Response:
        try:
            change_switches(switches, json.loads(await request.body()))
        except ValueError as error:  # SwitchError, or a body that is no JSON
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(dataclasses.asdict(switches))

    return [Route("/switches", show, methods=["GET"]), Route("/switches", patch, methods=["PATCH"])]


def change_switches(switches: Any, changes: Any) -> None:
    """Set the named fields, or raise `SwitchError` and leave all as it was."""
    kinds = {f.name: get_type_hints(type(switches))[f.name] for f in dataclasses.fields(switches)}
    if not isinstance(changes, dict):
        raise SwitchError(f"expected a JSON object of switches; {_known(kinds)}")
    accepted = {name: _accepted(name, value, kinds) for name, value in changes.items()}
    for name, value in accepted.items():
        setattr(switches, name, value)


def _accepted(name: str, value: object, kinds: dict[str, Any]) -> object:
    if name not in kinds:
        raise SwitchError(f"no switch is called {name!r}; {_known(kinds)}")
    if not _fits(value, kinds[name]):
        raise SwitchError(f"{name} must be {_spelled(kinds[name])}; {_known(kinds)}")
    # JSON has no tuples, and its whole numbers may stand for floats.
    if isinstance(value, list):
        return tuple(value)
    return float(value) if kinds[name] is float and isinstance(value, int) else value


def _fits(value: object, kind: Any) -> bool:
    origin = get_origin(kind)
    if origin is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(kind))
    if origin in {Union, UnionType}:
        return any(_fits(value, part) for part in get_args(kind))
    if origin is tuple:
        return isinstance(value, list) and all(_fits(item, get_args(kind)[0]) for item in value)
    if kind is float:
        return type(value) in {int, float}  # not isinstance: True is no number here
    return type(value) is kind


def _known(kinds: dict[str, Any]) -> str:
    return "known switches: " + ", ".join(f"{name} ({_spelled(kind)})" for name, kind in sorted(kinds.items()))


def _spelled(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is Literal:
        return " | ".join(json.dumps(choice) for choice in get_args(kind))
    if origin in {Union, UnionType}:
        return " | ".join(_spelled(part) for part in get_args(kind))
    if origin is tuple:
        return f"list of {_spelled(get_args(kind)[0])}"
    return "null" if kind is NoneType else str(kind.__name__)
