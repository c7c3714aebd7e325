"""A command as it stands: the answer to the start and to every poll (providers/kontomatik.md sections 4.1 and 4.2)."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from bankweave_sandbox.kontomatik.commands import Command
from bankweave_sandbox.kontomatik.envelope import child, exception_element, reply
from bankweave_sandbox.kontomatik.result_xml import ResultWriter
from bankweave_sandbox.kontomatik.switches import Switches

_FRIENDLY = {"PL": "Nie udało się pobrać danych z banku.", "CZ": "Data z banky se nepodařilo načíst."}
_SCHEMAS = {"setup": "command_setup", "successful": "default_import"}


def started_reply(command: Command, now: datetime) -> etree._Element:
    root = reply(now, status=202, owner=command.session.owner, schema="command_setup")
    _progress(child(root, "command", attributes=_attributes(command, "setup")), 0)
    return root


def polled_reply(command: Command, now: datetime, switches: Switches) -> etree._Element:
    """Answer a poll. Only `command/@state` says how it ended: the reply stays 200 OK."""
    state = command.state(now)
    status = 202 if state in {"setup", "in_progress"} and switches.running_status == "202 Accepted" else 200
    root = reply(now, status=status, schema=_SCHEMAS.get(state))
    element = child(root, "command", attributes=_attributes(command, state))
    _progress(element, command.progress(now) if switches.progress_moves else 0)
    if state == "successful":
        ResultWriter(command.holdings, command.since, switches).write(child(element, "result"))
    elif state == "error":
        friendly = _FRIENDLY.get(command.holdings.bank.country)
        message = "The bank ended the import before it was finished."
        exception_element(element, switches.import_error_exception, message, friendly)
    elif state == "fatal":
        exception_element(element, switches.import_fatal_exception, "Unexpected failure of the import.")
    return root


def _attributes(command: Command, state: str) -> dict[str, str]:
    attributes = {"id": command.id, "state": state, "name": command.name}
    if state == "setup":  # the target is told once it is known
        return attributes
    target = command.session.target
    return attributes | {"target": target.name, "institution": target.institution}


def _progress(parent: etree._Element, value: int) -> None:
    child(child(parent, "progress"), "value", str(value))
