"""The exit codes, and which error ends in which."""

from __future__ import annotations

from enum import IntEnum

from bankweave.engine.report import Outcome, SyncReport
from bankweave.errors import (
    BankweaveError,
    ConfigurationError,
    FlowError,
    FlowExpired,
    FlowOver,
    InvalidOrder,
    NeedsUser,
    NotAsking,
    OriginRefused,
    ProviderError,
    StoreError,
    SyncFailed,
    UnknownConnection,
    UnknownFlow,
)
from bankweave.flow import Flow, FlowStatus


class ExitCode(IntEnum):
    OK = 0
    BUG = 1
    USAGE = 2
    PERSON = 3
    PROVIDER = 4
    NOT_FOUND = 5
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.BUG: "a bug of bankweave; -v shows where",
    ExitCode.USAGE: "wrong usage, configuration or store",
    ExitCode.PERSON: "the person is needed: a link to open, a challenge, a renewal",
    ExitCode.PROVIDER: "a provider failed or has not finished, or a sync is not complete",
    ExitCode.NOT_FOUND: "no such flow, connection or account",
    ExitCode.INTERRUPTED: "interrupted",
}

# The first that fits counts, so that the narrower classes come first.
_BY_ERROR: tuple[tuple[type[BankweaveError], ExitCode], ...] = (
    (UnknownFlow, ExitCode.NOT_FOUND),
    (UnknownConnection, ExitCode.NOT_FOUND),
    (FlowExpired, ExitCode.PERSON),
    (NeedsUser, ExitCode.PERSON),
    (FlowOver, ExitCode.USAGE),
    (NotAsking, ExitCode.USAGE),
    (InvalidOrder, ExitCode.USAGE),
    (FlowError, ExitCode.PROVIDER),
    (ConfigurationError, ExitCode.USAGE),
    (StoreError, ExitCode.USAGE),
    (ProviderError, ExitCode.PROVIDER),
    (OriginRefused, ExitCode.PROVIDER),
    (SyncFailed, ExitCode.PROVIDER),
)


def code_of_error(error: BankweaveError) -> ExitCode:
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ExitCode.BUG)


def code_of_flow(flow: Flow) -> ExitCode:
    """Say how far a flow came: only a connected one, and a payment that is through, are done."""
    if flow.status in {FlowStatus.CONNECTED, FlowStatus.DONE}:
        return ExitCode.OK
    needs_person = flow.asks or flow.status in {FlowStatus.EXPIRED, FlowStatus.CANCELLED}
    if needs_person or (flow.failure is not None and flow.failure.needs_user):
        return ExitCode.PERSON
    return ExitCode.PROVIDER


def code_of_sync(report: SyncReport) -> ExitCode:
    """The worst outcome counts; that the person is needed is less bad than a failure."""
    outcomes = {connection.outcome for connection in report.connections}
    if outcomes - {Outcome.SYNCED, Outcome.ENDED, Outcome.NEEDS_USER}:
        return ExitCode.PROVIDER
    return ExitCode.PERSON if Outcome.NEEDS_USER in outcomes else ExitCode.OK
