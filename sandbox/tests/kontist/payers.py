"""People who move money: confirmed tokens, phones that sign, and the calls that create and confirm transfers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sandbox.tests.kontist.callers import Kontist

SCOPES = "users accounts transactions transfers offline"
CODE = "212212"
IBAN = "DE02120300000000202051"
DEVICES = "/api/user/devices"
FIELDS = """id uuid recipient iban amount status executeAt lastExecutionDate nextOccurrence purpose e2eId reoccurrence
  category userSelectedBookingDate personalNote reference"""
CREATE = """mutation($transfer: CreateTransferInput!, $deviceId: String, $deliveryMethod: DeliveryMethod) {
  createTransfer(transfer: $transfer, deviceId: $deviceId, deliveryMethod: $deliveryMethod) {
    confirmationId stringToSign } }"""
CONFIRM = f"""mutation($confirmationId: String!, $authorizationToken: String, $deviceId: String, $signature: String) {{
  confirmTransfer(confirmationId: $confirmationId, authorizationToken: $authorizationToken, deviceId: $deviceId,
    signature: $signature) {{ {FIELDS} }} }}"""


def confirmed_token(kontist: Kontist, name: str = "anna", scope: str = SCOPES) -> str:
    """Get a token that a push on the phone has confirmed."""
    challenges = "/api/user/mfa/challenges"
    token = kontist.token(scope, name)
    challenge = kontist.send("POST", challenges, token).json()["id"]
    kontist.control("POST", f"/challenges/{challenge}", {"status": "VERIFIED"})
    return str(kontist.send("POST", f"{challenges}/{challenge}/token", token).json()["token"])


@dataclass
class Phone:
    """A device with a key of its own."""

    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def key(self) -> str:
        return self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()

    def sign(self, text: str) -> str:
        return self.private_key.sign(text.encode(), ec.ECDSA(SHA256())).hex()

    def sign_raw(self, text: str) -> str:
        """Sign as r||s, which is not what Kontist documents."""
        r, s = decode_dss_signature(bytes.fromhex(self.sign(text)))
        return (r.to_bytes(32, "big") + s.to_bytes(32, "big")).hex()


def create_device(kontist: Kontist, token: str, phone: Phone) -> str:
    created = kontist.send("POST", DEVICES, token, json={"name": "Phone", "key": phone.key})
    assert created.status_code == 201, created.text
    return str(created.json()["deviceId"])


def bind(kontist: Kontist, token: str, phone: Phone) -> str:
    """Bind a phone and return its device id."""
    device = create_device(kontist, token, phone)
    body = {"challengeId": device, "signature": phone.sign(CODE)}
    assert kontist.send("POST", f"{DEVICES}/{device}/verify", token, json=body).status_code == 204
    return device


def device_tokens(kontist: Kontist, token: str, phone: Phone, device: str) -> dict[str, str]:
    """Have a bound phone confirm a token."""
    challenge = kontist.send("POST", f"{DEVICES}/{device}/challenges", token).json()
    body = {"signature": phone.sign(challenge["stringToSign"])}
    answer = kontist.send("POST", f"{DEVICES}/{device}/challenges/{challenge['id']}/verify", token, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@dataclass
class Payer:
    """Somebody with a confirmed token."""

    kontist: Kontist
    name: str = "anna"
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.token or confirmed_token(self.kontist, self.name)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        return self.kontist.ask(query, self.token, **variables)

    def read(self, query: str, **variables: Any) -> Any:
        return self.kontist.read(query, self.token, **variables)

    def refused(self, query: str, **variables: Any) -> tuple[int, str]:
        """Ask for what is refused; return logical status and message."""
        error = self.ask(query, **variables)["errors"][0]
        return error["extensions"]["status"], error["message"]

    def request(self, **fields: Any) -> dict[str, Any]:
        """Create a transfer and return its confirmation request."""
        return dict(self.read(CREATE, transfer=transfer(**fields))["createTransfer"])

    def confirm(self, confirmation_id: str, code: str = CODE) -> dict[str, Any]:
        answer = self.read(CONFIRM, confirmationId=confirmation_id, authorizationToken=code)
        return dict(answer["confirmTransfer"])

    def pay(self, **fields: Any) -> dict[str, Any]:
        """Create and confirm a transfer."""
        return self.confirm(self.request(**fields)["confirmationId"])

    def look_up(self, transfer_id: str, type_: str = "SEPA_TRANSFER") -> dict[str, Any]:
        query = (
            f"query($id: ID!, $type: TransferType!){{viewer{{mainAccount{{transfer(id:$id,type:$type){{{FIELDS}}}}}}}}}"
        )
        found = self.read(query, id=transfer_id, type=type_)["viewer"]["mainAccount"]["transfer"]
        return dict(found)

    def listed(self, type_: str = "SEPA_TRANSFER", **arguments: Any) -> list[dict[str, Any]]:
        return [edge["node"] for edge in self.page(type_, **arguments)["edges"]]

    def page(self, type_: str = "SEPA_TRANSFER", **arguments: Any) -> dict[str, Any]:
        query = f"""query($type: TransferType!, $where: TransfersConnectionFilter, $first: Int, $last: Int,
          $after: String, $before: String) {{ viewer {{ mainAccount {{
            transfers(type: $type, where: $where, first: $first, last: $last, after: $after, before: $before) {{
              edges {{ cursor node {{ {FIELDS} }} }}
              pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }} }}"""
        return dict(self.read(query, type=type_, **arguments)["viewer"]["mainAccount"]["transfers"])

    def newest(self, fields: str = "amount name iban purpose type valutaDate e2eId") -> dict[str, Any]:
        return self.kontist.transactions("first: 1", fields, self.token)[0]

    def balances(self) -> tuple[int, int]:
        """Return booked and available balance in cents."""
        account = self.read("{viewer{mainAccount{balance availableBalance}}}")["viewer"]["mainAccount"]
        return account["balance"], account["availableBalance"]


def transfer(**fields: Any) -> dict[str, Any]:
    return {"recipient": "Vermieter GmbH", "iban": IBAN, "amount": 1200, **fields}
