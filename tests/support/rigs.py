"""The three adapters in front of the sandbox: who signs in, how, and what is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from browser import Browser, Known
from sandboxed import CALLBACK, Control, Customer, SandboxClock, reserving

from bankweave import Challenge, ChallengeKind, Flow, Redirect
from bankweave.testing import Person, Rig
from bankweave_basiq import Basiq
from bankweave_kontist import Kontist
from bankweave_kontomatik import Kontomatik
from bankweave_sandbox.world import Movement

HOUR = timedelta(hours=1)
ALL_DAYS = 3650
FEW_DAYS = 100  # of history: further back than banks change their minds, and more than a second sync reads


@dataclass
class Visitor(Person):
    """Somebody with a browser, who presses these buttons and knows these answers."""

    agrees: Sequence[str]
    refuses: Sequence[str]
    knows: Known = field(repr=False)

    def sign_in(self, flow: Flow) -> str:
        return self.walk(flow, self.agrees)

    def refuse(self, flow: Flow) -> str:
        return self.walk(flow, self.refuses)

    def walk(self, flow: Flow, words: Sequence[str], **instead: str | Sequence[str]) -> str:
        assert isinstance(flow.interaction, Redirect)
        with Browser() as browser:
            return browser.walk(flow.interaction.url, words, {**self.knows, **instead})


# Kontist --------------------------------------------------------------------------------------------------------------


@dataclass
class KontistCustomer(Visitor):
    """Confirms pushes on a phone, which the control origin plays."""

    control: Control

    def answer(self, challenge: Challenge) -> tuple[str, ...]:
        return self._decide(challenge, "VERIFIED")

    def answer_wrongly(self, challenge: Challenge) -> tuple[str, ...]:
        return self._decide(challenge, "DENIED")

    def _decide(self, challenge: Challenge, decision: str) -> tuple[str, ...]:
        assert challenge.kind is ChallengeKind.APP_APPROVAL
        self.control.decide_push(decision)
        return ()


def kontist_rig(
    control: Control, username: str = "ben@kontist.example", *, days: int = FEW_DAYS, **settings: object
) -> Rig:
    customer = Customer(control.sandbox, "kontist", username)
    customer.forget(days)
    person = KontistCustomer(
        agrees=("Sign in", "Confirm in the app", "Accept"),
        refuses=("Sign in", "Confirm in the app", "Refuse"),
        knows={"email": username, "password": customer.person.password},
        control=control,
    )
    account = customer.accounts[0].number
    return Rig(
        adapter=Kontist,
        settings={**control.settings("kontist"), **settings},
        person=person,
        truth=lambda: customer.truth(_as_kontist_words),
        redirect_uri=CALLBACK,
        clock=SandboxClock(control.sandbox),
        pay=lambda: _pay(control, account),
        reserve=reserving(control, account, "NEUES LOKAL//BERLIN/DE"),
        end_access=lambda: control.elapse(hours=1, seconds=1),
    )


def _as_kontist_words(movement: Movement) -> tuple[str, str | None]:
    return movement.text, movement.counterparty


# Kontomatik -----------------------------------------------------------------------------------------------------------


def kontomatik_rig(
    control: Control, username: str = "test2", target: str = "PkoApi", *, days: int = FEW_DAYS, **settings: object
) -> Rig:
    customer = Customer(control.sandbox, target, username)
    customer.forget(days)
    person = Visitor(
        agrees=("continue",),
        refuses=("refuse",),
        knows={
            "target": target,
            "username": username,
            "password": customer.person.password,
            "code": customer.person.code or "",
        },
    )
    return Rig(
        adapter=Kontomatik,
        settings={**control.settings("kontomatik"), "history_days": 3650, **settings},
        person=person,
        truth=lambda: customer.truth(_as_kontomatik_words),
        redirect_uri=CALLBACK,
        clock=SandboxClock(control.sandbox),
        pause=8 * HOUR,  # a consent is good for four imports within any 24 hours, of which a sync leaves the person one
        pay=lambda: _pay(control, customer.accounts[0].number),
    )


def _as_kontomatik_words(movement: Movement) -> tuple[str, str | None]:
    return " ".join(movement.text.split()), movement.counterparty


# Basiq ----------------------------------------------------------------------------------------------------------------


@dataclass
class BasiqCustomer(Visitor):
    right: Sequence[str]  # answers to the bank, in its order

    def answer(self, challenge: Challenge) -> Sequence[str]:  # noqa: ARG002 - the bank always asks the same
        return self.right

    def answer_wrongly(self, challenge: Challenge) -> Sequence[str]:  # noqa: ARG002
        return ["wrong"] * len(self.right)


def basiq_rig(
    control: Control,
    username: str = "ashMann",
    institution: str = "AU00002",
    *,
    days: int = FEW_DAYS,
    **settings: object,
) -> Rig:
    customer = Customer(control.sandbox, institution, username)
    customer.forget(days)
    right = _right_answers(customer)
    person = BasiqCustomer(
        agrees=("I consent", "Continue", "Sign in", "Share", "Return to the application"),
        refuses=("Cancel",),
        knows={
            "institution": institution,
            "loginId": username,
            "password": customer.person.password,
            "answer": right,
        },
        right=right,
    )
    # Else the truth would have to leave out what is older than two years.
    control.switch("basiq", retrieval_days=3650)
    account = customer.accounts[0].number
    return Rig(
        adapter=Basiq,
        settings={**control.settings("basiq"), **settings},
        person=person,
        truth=lambda: customer.truth(_as_basiq_words),
        redirect_uri=CALLBACK,
        options={"email": "anna@mail.example"},
        clock=SandboxClock(control.sandbox),
        pay=lambda: _pay(control, account),
        reserve=reserving(control, account, "NEW PLACE GLEBE NS AUS"),
        end_access=lambda: control.elapse(hours=1, seconds=1),
    )


def _right_answers(customer: Customer) -> list[str]:
    person = customer.person
    return [person.code] if person.code else [answer for _, answer in person.answers]


def _as_basiq_words(movement: Movement) -> tuple[str, str | None]:
    # Who the other side is, is told to partners with Enrich only (providers/basiq.md section 5.2).
    return " ".join(text for text in (movement.text, movement.end_to_end_id) if text), None


# All ------------------------------------------------------------------------------------------------------------------


def _pay(control: Control, account: str) -> None:
    control.pay(account, "-17.29", "A payment of today")
