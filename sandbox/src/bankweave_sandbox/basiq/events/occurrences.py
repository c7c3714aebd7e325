"""What is noted down of each happening (providers/basiq.md, section 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bankweave_sandbox.basiq.banks.catalogue import institution_reference
from bankweave_sandbox.basiq.banks.failures import Failure
from bankweave_sandbox.basiq.consent_shape import consent_shape
from bankweave_sandbox.basiq.events.journal import Data, Journal
from bankweave_sandbox.basiq.state import Connection, Consent, StoredAccount, User
from bankweave_sandbox.basiq.switches import Switches
from bankweave_sandbox.basiq.timestamps import instant

# The documented causes of an invalidated connection, by what the bank said.
_CAUSES = {
    "Account is locked": "locked-account",
    "Invalid username or password": "invalid-username-or-password",
}
_CAUSES_BY_CODE = {
    "account-not-accessible-requires-user-action": "user-action-required",
    "user-action-required": "user-action-required",
    "locked-account": "locked-account",
    "invalid-credentials": "invalid-username-or-password",
    "multi-factor-authentication": "multifactor-required",
}


@dataclass(frozen=True, slots=True)
class Chronicler:
    """Puts happenings into Basiq's words and into the journal."""

    journal: Journal
    switches: Switches

    def user(self, kind: str, user_id: str, at: datetime) -> None:
        """Note what happened to a user; the data of these events is undocumented."""
        path = f"/users/{user_id}"
        self._note(at, f"user.{kind}", user_id, path, {"type": "user", "id": user_id, "links": {"self": path}})

    def consent(self, kind: str, user: User, consent: Consent, at: datetime) -> None:
        data = consent_shape(consent, user.id, "", self.switches)
        self._note(at, f"consent.{kind}", user.id, f"/users/{user.id}/consents/{consent.id}", data)

    def connection(self, kind: str, user: User, connection: Connection, at: datetime, status: str = "") -> None:
        path = f"/users/{user.id}/connections/{connection.id}"
        data = self._connection(user, connection, status or connection.status)
        self._note(at, f"connection.{kind}", user.id, path, data)

    def invalidated(self, user: User, connection: Connection, failure: Failure | None, at: datetime) -> None:
        """Note why the bank shut the door; a failed challenge has no failure of its own."""
        self.connection("invalidated", user, connection, at, _cause(failure))

    def account(self, user: User, account: StoredAccount, at: datetime) -> None:
        """Note that an account has changed; the data of these events is undocumented."""
        path = f"/users/{user.id}/accounts/{account.id}"
        links = {"self": path, "connection": f"/users/{user.id}/connections/{account.connection_id}"}
        data: dict[str, object] = {"type": "account", "id": account.id, "name": account.name, "links": links}
        self._note(at, "account.updated", user.id, path, data)

    def transactions(self, user: User, connection_id: str, count: int, at: datetime) -> None:
        connection = f"/users/{user.id}/connections/{connection_id}"
        path = f"/users/{user.id}/transactions"
        data: dict[str, object] = {
            "type": "transactions",
            "count": str(count),  # a text, as recorded
            "connection": {"type": "connection", "id": connection_id, "links": {"self": connection}},
            "links": {"self": f"{path}?filter=connection.id.eq('{connection_id}')"},
        }
        self._note(at, "transactions.updated", user.id, path, data)

    def _note(self, at: datetime, type_id: str, user_id: str, path: str, data: Data) -> None:
        self.journal.note(at, type_id, user_id, path, data, as_uuid=self.switches.event_ids == "uuid")

    def _connection(self, user: User, connection: Connection, status: str) -> dict[str, object]:
        institution, user_path = connection.connector.id, f"/users/{user.id}"
        selected = f"filter=institution.id.eq('{institution}')"
        return {
            "type": "connection",
            "id": connection.id,
            "status": status,
            "mfaEnabled": connection.connector.asks_mfa,
            "createdDate": instant(connection.created, self.switches),
            "lastUsed": instant(connection.last_used, self.switches),
            "institution": institution_reference(institution, "", self.switches),
            "links": {
                "self": f"{user_path}/connections/{connection.id}",
                "accounts": f"{user_path}/accounts?{selected}",
                "transactions": f"{user_path}/transactions?{selected}",
            },
        }


def _cause(failure: Failure | None) -> str:
    if failure is None:
        return "multifactor-required"
    return _CAUSES.get(failure.detail) or _CAUSES_BY_CODE.get(failure.code, "invalid-connection")
