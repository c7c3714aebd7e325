"""Paying, as steps of a flow (section 7)."""

from __future__ import annotations

from bankweave.flow import Step
from bankweave_kontist.parts import Parts
from bankweave_kontist.states import AwaitingConfirmation


def ask_to_confirm(state: AwaitingConfirmation) -> Step:
    raise NotImplementedError


async def confirm(parts: Parts, state: AwaitingConfirmation, code: str) -> Step:
    raise NotImplementedError
