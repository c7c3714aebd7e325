"""Who may call and what a call carries: the first two checks of every endpoint (providers/kontomatik.md section 15)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from starlette.requests import Request

from bankweave_sandbox.kontomatik.refusals import Unidentified, invalid_since, missing_parameter
from bankweave_sandbox.kontomatik.switches import Switches

_HOME = ZoneInfo("Europe/Warsaw")  # "today" as the company and its first customers have it
_FORM = "application/x-www-form-urlencoded"


async def read_parameters(request: Request) -> dict[str, str]:
    """Read the query and the form as one: a client sends its start parameters in a POST's query (section 1)."""
    query = parse_qsl(request.url.query, keep_blank_values=True)
    if not request.headers.get("content-type", "").lower().startswith(_FORM):
        return dict(query)
    body = (await request.body()).decode("utf-8", errors="replace")
    return dict([*query, *parse_qsl(body, keep_blank_values=True)])


def identify(request: Request, parameters: Mapping[str, str], switches: Switches) -> None:
    """Let a known key from a listed address pass. One answer for both causes, as recorded (section 7)."""
    key = request.headers.get("x-api-key") or ""
    if not key and switches.accept_key_parameter:
        key = parameters.get("apiKey", "")
    address = request.client.host if request.client else ""
    if not _is_known(key, switches) or not _is_listed(address, switches):
        raise Unidentified(
            f'The caller could not be identified: address {_masked(address)}, API key "{_masked(key)}". '
            "Check the IP whitelist and the API key HTTP header."
        )


def required(parameters: Mapping[str, str], name: str) -> str:
    value = parameters.get(name, "").strip()
    if not value:
        raise missing_parameter(name)
    return value


def read_since(parameters: Mapping[str, str], now: datetime, switches: Switches) -> date | None:
    """Read the first day of an import; whether it may be left out is undocumented (14.17)."""
    if not switches.since_required and not parameters.get("since"):
        return None
    text = required(parameters, "since")
    try:
        since = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a plain calendar day
    except ValueError:
        raise invalid_since() from None
    if since > now.astimezone(_HOME).date() or len(text) != len("2026-01-31"):
        raise invalid_since()
    return since


def _is_known(key: str, switches: Switches) -> bool:
    known = [k.strip() for k in switches.api_keys.split(",") if k.strip()]
    return any(secrets.compare_digest(key.encode(), k.encode()) for k in known)


def _is_listed(address: str, switches: Switches) -> bool:
    listed = [item.strip() for item in switches.allowed_addresses.split(",")]
    if "any" in listed:
        return True
    try:
        caller = ip_address(address)
        networks = [ip_network(item, strict=False) for item in listed if item and item != "loopback"]
    except ValueError:  # a caller without an address, or a switch with a typing error: nobody is let in
        return False
    return ("loopback" in listed and caller.is_loopback) or any(caller in network for network in networks)


def _masked(text: str) -> str:
    return "*" * len(text) if len(text) < 8 else text[:2] + "*" * (len(text) - 4) + text[-2:]
