"""Switches are read and changed over HTTP, and a wrong name or type is answered with what is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import httpx
import pytest
from starlette.applications import Starlette

from bankweave_sandbox.switches import switch_routes

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class Switches:
    strict: bool = True
    limit: int = 100
    seconds: float = 1.5
    word: str = "SUCCESS"
    shape: Literal["object", "list"] = "object"
    addresses: tuple[str, ...] = ("127.0.0.1",)
    zone: str | None = None


@dataclass(frozen=True)
class FrozenSwitches:
    strict: bool = True


@pytest.fixture
def switches() -> Switches:
    return Switches()


@pytest.fixture
async def client(switches: Switches) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=switch_routes(switches)))
    async with httpx.AsyncClient(transport=transport, base_url="http://control") as client:
        yield client


async def test_switches_are_shown_by_name(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/switches")).json()

    assert shown["strict"] is True
    assert shown["shape"] == "object"
    assert shown["addresses"] == ["127.0.0.1"]


async def test_a_patch_changes_the_instance_that_the_dialect_reads(
    client: httpx.AsyncClient, switches: Switches
) -> None:
    answer = await client.patch(
        "/switches", json={"strict": False, "seconds": 2, "shape": "list", "addresses": ["::1"]}
    )

    assert answer.status_code == 200
    assert answer.json() | {"strict": False, "seconds": 2.0, "shape": "list"} == answer.json()
    assert switches == Switches(strict=False, seconds=2.0, shape="list", addresses=("::1",))
    assert isinstance(switches.seconds, float)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strcit": True}, "no switch is called 'strcit'"),
        ({"strict": 1}, "strict must be bool"),
        ({"limit": True}, "limit must be int"),
        ({"limit": 1.5}, "limit must be int"),
        ({"seconds": "2"}, "seconds must be float"),
        ({"shape": "tree"}, 'shape must be "object" | "list"'),
        ({"addresses": "::1"}, "addresses must be list of str"),
        ({"zone": 3}, "zone must be str | null"),
        ([], "expected a JSON object"),
    ],
)
async def test_a_wrong_patch_is_refused_with_the_known_names(
    client: httpx.AsyncClient, change: object, message: str
) -> None:
    answer = await client.patch("/switches", json=change)

    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert 'shape ("object" | "list"), strict (bool)' in answer.json()["error"]


async def test_a_patch_with_one_wrong_value_changes_nothing(client: httpx.AsyncClient, switches: Switches) -> None:
    await client.patch("/switches", json={"limit": 5, "strict": "no"})

    assert switches == Switches()


async def test_a_body_that_is_no_json_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.patch("/switches", content=b"{")

    assert answer.status_code == 400


def test_switches_that_cannot_change_are_refused_at_once() -> None:
    with pytest.raises(TypeError, match="mutable"):
        switch_routes(FrozenSwitches())
