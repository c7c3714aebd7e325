"""The picture of the flows in the documents is what the flows do: every arrow of it is driven, and no other is found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from bankweave.adapter import Response
from bankweave.errors import OutcomeUnknown, ProviderUnavailable
from bankweave.flow import Answer, Ask, Callback, CancelTransfer, Connect, Due, Event, Pay, Step, Wait
from bankweave.payment import TransferKind, TransferOrder
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave.testing.context import Answer as Scripted
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.devices.bound import BoundDevice, remember_device
from bankweave_kontist.grant import Grant
from bankweave_kontist.states import State

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).resolve().parents[3] / "docs/providers/kontist.md"
START = datetime(2026, 11, 22, 10, tzinfo=UTC)
ORDER = TransferOrder(creditor_name="V", creditor_iban="DE89370400440532013000", amount=Decimal(1))


def answer(value: object, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def data(**fields: object) -> Response:
    return answer({"data": fields})


AWAY = ProviderUnavailable("down")
LOST = OutcomeUnknown("lost")
TOKENS = answer({"access_token": "first", "expires_in": 3599})
PUSH = answer({"id": "p-1", "status": "PENDING", "expiresAt": (START + timedelta(minutes=5)).isoformat()})
VERIFIED = answer({"id": "p-1", "status": "VERIFIED", "expiresAt": (START + timedelta(minutes=5)).isoformat()})
CONFIRMED = answer({"token": "confirmed"})
CREATED = answer({"deviceId": "d-1", "challengeId": "c-1"})
DEVICE_VERIFIED = Response(status=204)
CHALLENGE = answer({"id": "c-2", "stringToSign": "sign-me"})
UNKNOWN_DEVICE = answer({}, 404)
REQUESTED = data(createDeviceBindingRequest={"id": "r-1"})
ALLOWED = data(getDeviceBindingRequest={"id": "r-1", "confirmedAt": START.isoformat()})
ACCOUNT = data(viewer={"mainAccount": {"publicId": "a-1"}})
TRANSFER = {"id": "t-1", "recipient": "V", "iban": "DE", "amount": 1234, "status": "CONFIRMED"}
TAKEN_DOWN = data(createTransfer={"confirmationId": "c-1"})
EXECUTED = data(confirmTransfer=TRANSFER)
CANCELLED = data(cancelTransfer=TRANSFER)
CODE = Answer({"code": "212212"})


@dataclass
class Journey:
    """One flow, and the states that it has been in."""

    answers: list[Scripted]
    settings: dict[str, object] = field(default_factory=dict)
    has_device: bool = False
    path: list[str] = field(default_factory=lambda: ["[*]"])

    async def go(self, intent: Connect | Pay | CancelTransfer, *events: Event) -> list[tuple[str, str]]:
        kontist = Kontist(KontistSettings.model_validate({"client_id": "c", "client_secret": "s", **self.settings}))
        ctx = FakeContext(http=ScriptedHttp(self.answers), clock=START)
        if self.has_device:
            await remember_device(ctx, None, BoundDevice(id="d-1", name="laptop"))
        step = self._note(await _begun(kontist, ctx, intent))
        for event in events:
            assert isinstance(step, Ask | Wait), f"{self.path} and {event}"
            seen = _at(step.state, event)
            state = Kontist.states.validate_json(Kontist.states.dump_json(step.state))
            step = self._note(await kontist.resume(ctx, state, seen))
        assert not ctx.http.answers, self.path
        return list(pairwise(self.path))

    def _note(self, step: Step) -> Step:
        self.path.append(type(step.state if isinstance(step, Ask | Wait) else step).__name__)
        return step


async def _begun(kontist: Kontist, ctx: FakeContext, intent: Connect | Pay | CancelTransfer) -> Step:
    if isinstance(intent, Connect):
        return await kontist.begin(ctx, intent)
    return await kontist.begin_payment(ctx, Grant(access_token="t"), intent)


def _at(state: State, event: Event) -> Event:
    """A person who comes back brings the state that they left with."""
    return Callback({"code": "c", "state": getattr(state, "state", "")}) if isinstance(event, Callback) else event


BACK = Callback({})
# What follows a sign-in: options, settings, whether a device is bound, Kontist's answers and what happens.
FACTORS: list[tuple[dict[str, str], dict[str, object], bool, list[Scripted], list[Event]]] = [
    ({"second_factor": "none"}, {}, False, [], []),
    ({"second_factor": "push"}, {}, False, [PUSH, VERIFIED, CONFIRMED], [Due()]),
    ({"second_factor": "push"}, {}, False, [AWAY, PUSH, VERIFIED, CONFIRMED], [Due(), Due()]),
    ({"second_factor": "device"}, {}, True, [CHALLENGE, CONFIRMED], []),
    ({"second_factor": "device"}, {}, True, [CHALLENGE, LOST, CHALLENGE, CONFIRMED], [Due()]),
    ({}, {"skip_mfa": True}, True, [AWAY, UNKNOWN_DEVICE, PUSH], [Due()]),
    ({}, {"skip_mfa": True}, True, [AWAY, UNKNOWN_DEVICE, AWAY], [Due()]),
    ({"bind_device": "laptop"}, {}, False, [CREATED, DEVICE_VERIFIED, CHALLENGE, CONFIRMED], [CODE]),
    ({"bind_device": "laptop"}, {}, False, [CREATED, DEVICE_VERIFIED, AWAY, CHALLENGE, CONFIRMED], [CODE, Due()]),
    ({"bind_device": "laptop"}, {}, False, [AWAY, CREATED], [Due()]),
    ({"bind_device": "laptop"}, {"binding_request": True}, False, [REQUESTED, ALLOWED, CREATED], [Due()]),
    ({"bind_device": "laptop"}, {"binding_request": True}, False, [REQUESTED, ALLOWED, AWAY], [Due()]),
    ({"bind_device": "laptop"}, {"binding_request": True}, False, [AWAY, REQUESTED], [Due()]),
]


async def _driven() -> set[tuple[str, str]]:
    """Every step that any journey took."""
    arrows: set[tuple[str, str]] = set()
    for options, settings, has_device, answers, events in FACTORS:
        by_page = Connect(redirect_uri="https://app.example/", options=options)
        by_password = Connect(redirect_uri=None, options={"username": "a", "password": "b", **options})
        arrows |= set(await Journey([TOKENS, *answers], settings, has_device).go(by_page, BACK, *events))
        arrows |= set(await Journey([TOKENS, *answers], settings, has_device).go(by_password, *events))
    pay = Pay(account="a-1", orders=(ORDER,), options={})
    cancel = CancelTransfer(account="a-1", transfer="t-1", kind=TransferKind.SCHEDULED_TRANSFER, options={})
    arrows |= set(await Journey([ACCOUNT, TAKEN_DOWN, EXECUTED]).go(pay, CODE))
    return arrows | set(await Journey([ACCOUNT, CANCELLED]).go(cancel))


def _drawn() -> Iterator[tuple[str, str]]:
    found = [(one, other) for one, other in re.findall(r"^ +(\S+) --> (\w+)", PAGE.read_text(), re.MULTILINE)]
    leads = [other for one, other in found if one == "factor"]
    for one, other in found:
        if one != "factor":
            yield from ((one, each) for each in (leads if other == "factor" else [other]))


async def test_every_arrow_is_a_step_that_flows_take_and_there_are_no_others() -> None:
    assert set(_drawn()) == await _driven()


def test_every_state_is_drawn_and_explained() -> None:
    explained = set(re.findall(r"^    (\w+): \S", PAGE.read_text(), re.MULTILINE))
    assert explained == {state.__name__ for state in get_args(State)}
