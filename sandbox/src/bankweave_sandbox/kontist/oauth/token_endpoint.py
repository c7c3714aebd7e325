"""POST /api/oauth/token, all grants (providers/kontist.md section 2.2). Errors follow RFC 6749: Kontist's are undocumented."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bankweave_sandbox.kontist.oauth.clients import ClientRegistry, OAuthClient, uses_custom_scheme
from bankweave_sandbox.kontist.oauth.codes import Codes, IssuedCode
from bankweave_sandbox.kontist.oauth.credentials import authenticate_client, read_parameters
from bankweave_sandbox.kontist.oauth.tokens import Grant, TokenMint
from bankweave_sandbox.kontist.people import People, user_id
from bankweave_sandbox.kontist.switches import Switches


class OAuthError(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.status = status


class TokenEndpoint:
    def __init__(
        self, mint: TokenMint, codes: Codes, people: People, clients: ClientRegistry, switches: Switches
    ) -> None:
        self._mint = mint
        self._codes = codes
        self._people = people
        self._clients = clients
        self._switches = switches

    async def answer(self, request: Request) -> Response:
        parameters = await read_parameters(request)
        try:
            body = self._exchange(request, parameters)
        except OAuthError as error:
            return self._refuse(request, error)
        return JSONResponse(body, headers={"cache-control": "no-store", "pragma": "no-cache"})

    def _exchange(self, request: Request, parameters: Mapping[str, str] | None) -> dict[str, object]:
        if parameters is None or "grant_type" not in parameters:
            raise OAuthError("invalid_request", "grant_type is missing or the body is unreadable")
        client = authenticate_client(request, parameters, self._clients)
        if client is None:
            raise OAuthError("invalid_client", "unknown client, or wrong or missing secret", status=401)
        grants = {"authorization_code": self._code, "refresh_token": self._refresh, "password": self._password}
        handler = grants.get(parameters["grant_type"])
        if handler is None:
            raise OAuthError("unsupported_grant_type", "known: " + ", ".join(grants))
        if parameters["grant_type"] not in client.grant_types:
            raise OAuthError("unauthorized_client", "this grant is not enabled for the client")
        return handler(client, parameters)

    def _code(self, client: OAuthClient, parameters: Mapping[str, str]) -> dict[str, object]:
        issued = self._codes.redeem(_required(parameters, "code"))
        if issued is None or issued.grant.client_id != client.id:
            raise OAuthError("invalid_grant", "the code is unknown, used, expired or another client's")
        if parameters.get("redirect_uri") != issued.redirect_uri:
            raise OAuthError("invalid_grant", "redirect_uri is not the one that the code was sent to")
        if not issued.is_proved_by(parameters.get("code_verifier")):
            raise OAuthError("invalid_grant", "code_verifier does not match code_challenge")
        return self._answer(issued.grant, with_refresh=self._gets_refresh(client, issued))

    def _gets_refresh(self, client: OAuthClient, issued: IssuedCode) -> bool:
        """PKCE clients get no refresh token, apps with a redirect URI scheme of their own excepted (section 2.2)."""
        if not issued.grant.is_offline:
            return False
        if issued.code_challenge is None or uses_custom_scheme(issued.redirect_uri):
            return True
        return client.secret is not None and self._switches.pkce_with_secret_gets_refresh

    def _refresh(self, client: OAuthClient, parameters: Mapping[str, str]) -> dict[str, object]:
        token = _required(parameters, "refresh_token")
        grant = self._mint.read_refresh(token)
        if grant is None or grant.client_id != client.id:
            raise OAuthError("invalid_grant", "the refresh token is unknown, spent, expired or another client's")
        if self._switches.refresh_rotation:
            self._mint.spend(token)
        return self._answer(grant, with_refresh=self._switches.refresh_rotation)

    def _password(self, client: OAuthClient, parameters: Mapping[str, str]) -> dict[str, object]:
        person = self._people.sign_in(_required(parameters, "username"), _required(parameters, "password"))
        if person is None:
            raise OAuthError("invalid_grant", "user name or password is wrong")
        scopes = tuple(dict.fromkeys(parameters.get("scope", "").split()))
        if not client.may_ask_for(scopes):
            raise OAuthError("invalid_scope", "allowed: " + " ".join(sorted(client.scopes)))
        # Not confirmed: the push comes after it (section 2.2).
        grant = Grant(user_id(person), client.id, scopes)
        return self._answer(grant, with_refresh=grant.is_offline)

    def _answer(self, grant: Grant, *, with_refresh: bool) -> dict[str, object]:
        body: dict[str, object] = {
            "access_token": self._mint.access(grant),
            "token_type": "Bearer",
            "expires_in": self._switches.access_seconds - 1,  # 3599 in the documented answers, for tokens of 3600 s
        }
        refresh = {"refresh_token": self._mint.refresh(grant)} if with_refresh else {}
        return body | refresh | {"scope": grant.scope}

    def _refuse(self, request: Request, error: OAuthError) -> Response:
        headers = {"cache-control": "no-store"}
        if error.status == 401 and "authorization" in request.headers:
            headers["www-authenticate"] = 'Basic realm="kontist"'
        if self._switches.token_errors == "status_only":
            return Response(status_code=error.status, headers=headers)
        body = {"error": error.error, "error_description": str(error)}
        return JSONResponse(body, error.status, headers=headers)


def _required(parameters: Mapping[str, str], name: str) -> str:
    if not parameters.get(name):
        raise OAuthError("invalid_request", f"{name} is missing")
    return parameters[name]
