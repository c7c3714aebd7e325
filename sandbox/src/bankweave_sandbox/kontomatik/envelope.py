"""The reply envelope (providers/kontomatik.md section 6), written with lxml so that no text needs escaping by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from lxml import etree
from starlette.responses import Response

from bankweave_sandbox.kontomatik.refusals import Refused

CLIENT = "bankweave-test"  # the reply's `user`: the client id; in the test environment it ends with -test
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMAS = "https://developer.kontomatik.com/schema/v1/"
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'  # with double quotes, as recorded
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def reply(
    now: datetime, *, status: int = 200, owner: str | None = None, schema: str | None = None, user: str | None = CLIENT
) -> etree._Element:
    """Start a reply; its attributes stand in the recorded order."""
    root = etree.Element("reply", nsmap={"xsi": _XSI} if schema else None)
    if schema:
        root.set(f"{{{_XSI}}}noNamespaceSchemaLocation", f"{_SCHEMAS}{schema}.xsd")
    root.set("status", f"{status} {HTTPStatus(status).phrase}")
    if user:
        root.set("user", user)
    if owner is not None:
        root.set("ownerExternalId", printable(owner))
    root.set("responseTimestamp", instant(now))
    return root


def exception_reply(now: datetime, refused: Refused) -> etree._Element:
    root = reply(now, status=refused.status, owner=refused.owner)
    exception_element(root, refused.name, refused.message)
    return root


def exception_element(parent: etree._Element, name: str, message: str, friendly: str | None = None) -> None:
    exception = child(parent, "exception", attributes={"name": name})
    child(exception, "message", message)
    if friendly:
        child(exception, "friendlyMessage", friendly)


def comment_reply(now: datetime, comment: str) -> etree._Element:
    """A 401 names no user and has a comment instead of an exception (section 7, recorded)."""
    root = reply(now, status=401, user=None)
    child(root, "comment", comment)
    return root


def child(
    parent: etree._Element, tag: str, text: str | None = None, attributes: Mapping[str, str] | None = None
) -> etree._Element:
    element = etree.SubElement(parent, tag, {key: printable(value) for key, value in (attributes or {}).items()})
    if text is not None:
        element.text = printable(text)
    return element


def xml_response(root: etree._Element, status: int, headers: Mapping[str, str] | None = None) -> Response:
    body = _DECLARATION + etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return Response(body, status, headers=headers, media_type="application/xml; charset=utf-8")


def printable(text: str) -> str:
    """Drop the characters that XML 1.0 cannot carry at all, which bank texts do contain now and then."""
    return _NOT_XML.sub("", text)


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
