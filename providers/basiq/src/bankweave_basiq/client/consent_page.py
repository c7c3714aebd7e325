"""Ways to the consent page outside a flow: hosted links for every action, and links that can be sent (section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

from pydantic import TypeAdapter, ValidationError

from bankweave.errors import UnknownFlow
from bankweave_basiq.client.api import Api
from bankweave_basiq.client.record import Instant, Linked
from bankweave_basiq.flow import jobs_in
from bankweave_basiq.protocol import consent_page

_REMEMBERED = "consent_page"
_MOST_OPEN = 50
_Open: TypeAlias = dict[str, datetime]
_OPEN = TypeAdapter(_Open)


class ConsentAction(StrEnum):
    """What the consent page shall do. `CONNECT` and all below want an active consent (section 2.2)."""

    NONE = "none"  # consent and connect; also to consent anew when a consent has run out
    MANAGE = "manage"  # look at the consent, delete connections, revoke
    CONNECT = "connect"  # add a bank under the consent that is there
    EXTEND = "extend"  # lengthen the consent
    UPDATE = "update"  # consent to a changed policy: then the old consent and ALL its connections are deleted
    REAUTHORISE = "reauthorise"  # lengthen the access at an open banking data holder; the accounts stay the same


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """Where to send the person. The address carries a token: show it, never log it."""

    url: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConsentReturn:
    """What the address says that the person came back to. Its jobs are a claim: `jobs.get` shows whose they are."""

    jobs: tuple[str, ...]


class ConsentPages:
    """Links to Basiq's own page. What it does there, `connect` and `renew` of bankweave do not learn."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def open(
        self,
        action: ConsentAction = ConsentAction.NONE,
        *,
        institution: str | None = None,
        connection: str | None = None,
    ) -> ConsentPage:
        """Make a link for an action, a bank or a connection chosen beforehand. It lives an hour."""
        session = self._api.session
        token = await session.fetch_token(await self._api.user_id())
        state = session.ctx.secret()
        await self._remember({**await self._open(), _digest(state): token.expires_at or session.ctx.now()})
        wish = None if action is ConsentAction.NONE else action.value
        query = {"action": wish, "institutionId": institution, "connectionId": connection}
        return ConsentPage(consent_page(session.settings, token.value, state, query), token.expires_at)

    async def read_return(self, url: str) -> ConsentReturn:
        """Read the address that the person came back to, once.

        Raises `UnknownFlow` when its state is none that was made here for this owner, or was used before or too late.
        """
        params = dict(parse_qsl(urlsplit(url).query))
        still_open = await self._open()
        if still_open.pop(_digest(params.get("state", "")), None) is None:
            raise UnknownFlow(
                "nobody was sent to the consent page with this state, or they came back before or too late; make a new link"
            )
        await self._remember(still_open)
        return ConsentReturn(jobs_in(params))

    async def _open(self) -> _Open:
        stored = await self._api.session.ctx.recall(_REMEMBERED)
        now = self._api.session.ctx.now()
        try:
            made = _OPEN.validate_json(stored) if stored else {}
        except ValidationError:  # written by another version: those links are lost, new ones can be made
            made = {}
        return {digest: end.astimezone(UTC) for digest, end in made.items() if end > now}

    async def _remember(self, made: _Open) -> None:
        newest = dict(sorted(made.items(), key=lambda entry: entry[1])[-_MOST_OPEN:])
        await self._api.session.ctx.remember(_REMEMBERED, _OPEN.dump_json(newest).decode())


def _digest(state: str) -> str:
    return sha256(state.encode()).hexdigest()


class AuthLinkDetails(Linked):
    """A link that a person can be sent; `url` is it. It works once, for seven days, with a code by SMS."""

    mobile: str | None = None
    user_id: str | None = None
    expires_at: Instant | None = None

    @property
    def url(self) -> str | None:
        return self.link("public")


_LINK = TypeAdapter(AuthLinkDetails)


class AuthLinks:
    """The person's one link; a new one takes the place of the one before (section 2.3)."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create(self, mobile: str | None = None) -> AuthLinkDetails:
        """Make a link. The code goes to `mobile`, else to the number of the user."""
        body = {"mobile": mobile} if mobile else {}
        path = await self._api.of_user("auth_link")
        return await self._api.post(_LINK, "create_auth_link", path, body, repeatable=True)

    async def get(self) -> AuthLinkDetails:
        """Read the link. Raises `ProviderRefused` where there is none, or none any more."""
        return await self._api.get(_LINK, "get_auth_link", await self._api.of_user("auth_link"))

    async def delete(self) -> None:
        """Delete the link, so that nobody can use it."""
        await self._api.delete("delete_auth_link", await self._api.of_user("auth_link"))
