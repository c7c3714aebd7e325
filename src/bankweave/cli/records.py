"""What the command writes as JSON: the neutral rows, and the reports without anything that is no data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_jsonable_python

from bankweave.engine.report import AccountReport, ConnectionReport, Counts, DisconnectReport, ErasureReport
from bankweave.errors import Failure
from bankweave.flow import Flow
from bankweave.model import Account, Balance

Record = dict[str, Any]


def record(row: object) -> Record:
    """A row of the model with all its fields: decimals as text, days and instants in ISO 8601."""
    made: Record = to_jsonable_python(row)
    return made


def flow_record(flow: Flow) -> Record:
    known = {**flow.public(), "owner": flow.owner, "connection_id": flow.connection_id}
    return {**known, "transfers": [record(transfer) for transfer in flow.transfers]} if flow.transfers else known


def account_record(account: Account, balances: Sequence[Balance]) -> Record:
    return {**record(account), "balances": [record(balance) for balance in balances]}


def failure_record(failure: Failure | None) -> Record | None:
    if failure is None:
        return None
    return {
        "kind": failure.kind,
        "message": failure.message,
        "code": failure.code,
        "needs_user": failure.needs_user,
        "retry_at": to_jsonable_python(failure.retry_at),
    }


def connection_report_record(report: ConnectionReport, next_command: str | None) -> Record:
    return {
        "connection_id": report.connection_id,
        "adapter": report.adapter,
        "owner": report.owner,
        "institution_name": report.institution_name,
        "outcome": report.outcome.value,
        **counts_record(report.counts),
        "seconds": round(report.seconds, 3),
        "accounts": [_account_report_record(account) for account in report.accounts],
        "flow": flow_record(report.flow) if report.flow else None,
        "retention": report.retention.value,
        "consent_warning": to_jsonable_python(report.consent_warning),
        "failure": failure_record(report.failure),
        "next": next_command,
    }


def _account_report_record(report: AccountReport) -> Record:
    return {
        "account_id": report.account_id,
        **counts_record(report.counts),
        "complete": report.complete,
        "findings": [record(finding) for finding in report.findings],
        "failure": failure_record(report.failure),
    }


def counts_record(counts: Counts) -> Record:
    return {"added": counts.added, "modified": counts.modified, "removed": counts.removed}


def erasure_record(report: ErasureReport) -> Record:
    return {
        "owner": report.owner,
        "connections": [disconnect_record(one) for one in report.connections],
        "kept": {adapter: failure_record(failure) for adapter, failure in report.kept.items()},
    }


def disconnect_record(report: DisconnectReport) -> Record:
    return {
        "connection_id": report.connection_id,
        "revoked": report.revoked,
        "failure": failure_record(report.failure),
    }
