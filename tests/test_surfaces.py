"""`Bankweave` and `AsyncBankweave` are one API: the same names, parameters, defaults and types."""

from __future__ import annotations

import inspect
import typing
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any, TypeVar, get_args, get_origin

import pytest

from bankweave import AsyncBankweave, Bankweave

# What a context manager is called differs by what it is; all else is the same.
ITERATING = {AsyncIterator, Iterator, AsyncGenerator, Generator}
ENTERING = {"__aenter__": "__enter__", "__aexit__": "__exit__"}


def public_methods(surface: type) -> dict[str, Any]:
    return {name: method for name, method in vars(surface).items() if callable(method) and not name.startswith("_")}


def signature_of(method: Any) -> tuple[list[tuple[str, Any, Any]], dict[str, Any]]:
    """Parameters with their kinds and defaults, and the resolved annotations."""
    parameters = [(one.name, one.kind, one.default) for one in inspect.signature(method).parameters.values()]
    return parameters, typing.get_type_hints(method, localns=_type_names())


def _type_names() -> dict[str, Any]:
    """What the surfaces import for the type checker only."""
    import httpx

    from bankweave import Config
    from bankweave.engine.sync import OnEvent

    return {"Config": Config, "OnEvent": OnEvent, "httpx": httpx}


def unwrapped(annotation: Any) -> Any:
    """What an iterator of this kind yields; anything else as it is. Providers' clients have a class for each surface."""
    if isinstance(annotation, TypeVar):
        return "a client"
    if get_origin(annotation) is type:
        return "a class", *(unwrapped(argument) for argument in get_args(annotation))
    return ("yields", get_args(annotation)[0]) if get_origin(annotation) in ITERATING else annotation


def test_both_have_the_same_names() -> None:
    assert list(public_methods(Bankweave)) == list(public_methods(AsyncBankweave))


@pytest.mark.parametrize("name", ["__init__", *public_methods(AsyncBankweave)])
def test_both_take_the_same_and_return_the_same(name: str) -> None:
    parameters, hints = signature_of(getattr(AsyncBankweave, name))
    plain_parameters, plain_hints = signature_of(getattr(Bankweave, name))

    assert plain_parameters == parameters
    plain_types = {key: unwrapped(hint) for key, hint in plain_hints.items()}
    assert plain_types == {key: unwrapped(hint) for key, hint in hints.items()}


@pytest.mark.parametrize("name", public_methods(AsyncBankweave))
def test_one_is_awaited_and_the_other_is_not(name: str) -> None:
    awaited, plain = getattr(AsyncBankweave, name), getattr(Bankweave, name)
    iterates = get_origin(signature_of(awaited)[1]["return"]) in ITERATING

    assert inspect.iscoroutinefunction(awaited) is not iterates
    assert not inspect.iscoroutinefunction(plain)


@pytest.mark.parametrize(("awaited", "plain"), ENTERING.items())
def test_both_are_context_managers(awaited: str, plain: str) -> None:
    assert signature_of(getattr(AsyncBankweave, awaited)) == signature_of(getattr(Bankweave, plain))
