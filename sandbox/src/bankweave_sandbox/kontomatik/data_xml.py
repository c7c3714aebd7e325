"""Stored data of one owner, all banks in one document (providers/kontomatik.md section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree

from bankweave_sandbox.kontomatik.commands import Command
from bankweave_sandbox.kontomatik.envelope import child
from bankweave_sandbox.kontomatik.result_xml import ResultWriter
from bankweave_sandbox.kontomatik.switches import Switches


def owner_element(root: etree._Element, owner: str, imports: Sequence[Command], switches: Switches) -> None:
    """Write one target for each bank, in the order of the first imports; of several imports the newest counts.

    Several targets of a bank share the institution; that they are joined is inferred.
    """
    latest = {command.session.target.institution: command for command in imports}
    element = child(root, "owner", attributes=_attributes(owner, imports))
    for command in latest.values():
        target = command.session.target
        names = {"name": target.name, "officialName": target.official_name, "institution": target.institution}
        writer = ResultWriter(command.holdings, command.since, switches, is_stored=True)
        writer.write(child(element, "target", attributes=names))


def _attributes(owner: str, imports: Sequence[Command]) -> dict[str, str]:
    ended = max(command.ends_at for command in imports)
    return {
        "externalId": owner,
        "createdAt": _precise(min(command.session.created_at for command in imports)),
        "updatedAt": _precise(max(command.started_at for command in imports)),
        "origin": "scraper",
        "lastChange": _precise(ended),
    }


def _precise(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
