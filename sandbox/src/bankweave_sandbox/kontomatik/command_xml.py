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
    if command.advanced:  # recorded in 2016-18, when the first state was in_progress (section 4.1)
        root, state = reply(now, status=202), "in_progress"
    else:
        root, state = reply(now, status=202, owner=command.session.owner, schema="command_setup"), "setup"
    _progress(child(root, "command", attributes=_names(command, state)), 0)
    return root


def unseen_reply(command_id: str, owner: str, now: datetime) -> etree._Element:
    """A command where a session was expected: whether reusing an access can answer so is open (14.21)."""
    root = reply(now, status=202, owner=owner, schema="command_setup")
    names = {"id": command_id, "state": "setup", "name": "ReuseMultipleAccessCommand"}  # an invented name
    _progress(child(root, "command", attributes=names), 0)
    return root


def polled_reply(command: Command, now: datetime, switches: Switches) -> etree._Element:
    """Answer a poll. Only `command/@state` says how it ended: the reply stays 200 OK."""
    state = command.state(now)
    status = 202 if state in {"setup", "in_progress"} and switches.running_status == "202 Accepted" else 200
    root = reply(now, status=status, schema=None if command.advanced else _SCHEMAS.get(state))
    element = child(root, "command", attributes=_attributes(command, state))
    _progress(element, command.progress(now) if switches.progress_moves else 0)
    if state == "successful":
        _result(child(element, "result"), command, switches)
    elif state == "error":
        friendly = _FRIENDLY.get(command.holdings.bank.country)
        message = "The bank ended the import before it was finished."
        exception_element(element, switches.import_error_exception, message, friendly)
    elif state == "fatal":
        exception_element(element, switches.import_fatal_exception, "Unexpected failure of the import.")
    return root


def _result(element: etree._Element, command: Command, switches: Switches) -> None:
    writer = ResultWriter(command.holdings, command.since, switches)
    if command.advanced is None:
        writer.write(element)
    else:
        command.advanced.write(element, writer, command.holdings)


def _attributes(command: Command, state: str) -> dict[str, str]:
    if state == "setup":  # the target is told once it is known
        return _names(command, state)
    target = command.session.target
    return _names(command, state) | {"target": target.name, "institution": target.institution}


def _names(command: Command, state: str) -> dict[str, str]:
    return {"id": command.id, "state": state, "name": command.name}


def _progress(parent: etree._Element, value: int) -> None:
    child(child(parent, "progress"), "value", str(value))
