"""A flow, followed in the terminal until it is over: the browser, the codes, the approvals, the waiting."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass

from bankweave.blocking import Bankweave
from bankweave.cli.callback import Catcher
from bankweave.cli.exits import ExitCode, code_of_flow
from bankweave.cli.records import flow_record
from bankweave.cli.session import Session
from bankweave.errors import BankweaveError, OutcomeUnknown, UnknownFlow
from bankweave.flow import Challenge, ChallengeKind, Field, Flow, FlowStatus, Purpose, Redirect

_LOOK_EVERY = 2.0  # seconds between two looks whether the flow was finished elsewhere


@dataclass(frozen=True)
class Conversation:
    """Leads a person through a flow. Without a terminal, or with JSON on, it says where the flow stands instead."""

    session: Session
    bank: Bankweave
    catcher: Catcher | None = None
    opens_browser: bool = True

    def follow(self, flow: Flow) -> ExitCode:
        """Go on until the flow is over or nobody here can move it."""
        if self.session.as_json:
            self.session.terminal.emit(flow_record(flow))
            return code_of_flow(flow)
        try:
            flow = self._lead(flow)
        except (KeyboardInterrupt, BankweaveError):
            self.say_how_to_go_on(self.bank.flow(flow.id))
            raise
        self._say_end(flow)
        return code_of_flow(flow)

    def _lead(self, flow: Flow) -> Flow:
        while not flow.over:
            moved = self._step(flow)
            if moved is None:
                break
            flow = moved
        return flow

    def _step(self, flow: Flow) -> Flow | None:
        """Do what the flow needs next; None when nobody here can."""
        match flow.interaction:
            case Redirect() as redirect:
                return self._send_to_bank(flow, redirect)
            case Challenge(fields=()) as challenge:
                return self._await_approval(flow, challenge)
            case Challenge() as challenge:
                return self._ask(flow, challenge)
        if flow.poll_at is None:
            return None
        with self.session.terminal.busy("waiting for the provider"):
            return self.bank.wait(flow.id)

    # The browser --------------------------------------------------------------------------------------------------------

    def _send_to_bank(self, flow: Flow, redirect: Redirect) -> Flow | None:
        terminal = self.session.terminal
        terminal.say("Open this address and sign in:", "bold")
        terminal.say(redirect.url, "cyan")
        if self.catcher is None:
            return None
        if self.opens_browser:
            webbrowser.open(redirect.url)
        with terminal.busy(f"waiting for the way back to {self.catcher.redirect_uri}"):
            return self._catch(flow, self.catcher)

    def _catch(self, flow: Flow, catcher: Catcher) -> Flow:
        """Wait for the callback; the flow may as well be finished elsewhere, or expire."""
        while isinstance(flow.interaction, Redirect):
            url = catcher.next(_LOOK_EVERY)
            flow = self._look(flow) if url is None else self._take(flow, url)
        return flow

    def _take(self, flow: Flow, url: str) -> Flow:
        try:
            return self.bank.resume(url, owner=flow.owner)
        except UnknownFlow:  # any page in the browser can call a loopback address; the right one may still come
            self.session.terminal.say("something else came back than was asked for; still waiting", "yellow")
            return flow

    def _look(self, flow: Flow) -> Flow:
        return self.bank.wait(flow.id, seconds=0)

    # Challenges -----------------------------------------------------------------------------------------------------------

    def _await_approval(self, flow: Flow, challenge: Challenge) -> Flow | None:
        terminal = self.session.terminal
        terminal.say(challenge.message, "bold")
        if flow.poll_at is not None:
            with terminal.busy("waiting for the approval"):
                return self.bank.wait(flow.id)
        if not terminal.is_interactive:
            return None
        signs = challenge.kind is ChallengeKind.DEVICE_SIGNATURE
        terminal.ask("Press Enter to sign it" if signs else "Press Enter when it is done", secret=False)
        return self.bank.answer(flow.id)

    def _ask(self, flow: Flow, challenge: Challenge) -> Flow | None:
        terminal = self.session.terminal
        terminal.say(challenge.message, "bold")
        if challenge.attempts_left is not None:
            terminal.say(f"{challenge.attempts_left} attempts left")
        if not terminal.is_interactive:
            return None
        return self.bank.answer(flow.id, self._answers(challenge))

    def _answers(self, challenge: Challenge) -> Mapping[str, str]:
        return {field.name: self._answer(field) for field in challenge.fields}

    def _answer(self, field: Field) -> str:
        terminal = self.session.terminal
        if not field.options:
            return terminal.ask(field.label, secret=field.secret)
        for number, option in enumerate(field.options, start=1):
            terminal.say(f"  {number}  {option}")
        chosen = terminal.ask(f"{field.label} (number)", secret=False)
        is_number = chosen.isascii() and chosen.isdecimal() and 1 <= int(chosen) <= len(field.options)
        return field.options[int(chosen) - 1] if is_number else chosen

    # Ends -------------------------------------------------------------------------------------------------------------------

    def _say_end(self, flow: Flow) -> None:
        terminal = self.session.terminal
        match flow.status:
            case FlowStatus.CONNECTED:
                terminal.say(f"connected: {flow.connection_id}", "green")
                terminal.say(f"next: {self.session.command('sync', '--connection', flow.connection_id)}")
            case FlowStatus.DONE:
                for one in flow.transfers:
                    terminal.say(f"{one.status.value}: {one.amount:,} {one.currency} to {one.creditor_name}", "green")
                    terminal.say(f"the bank's id: {one.id}; end-to-end id: {one.end_to_end_id}")
            case FlowStatus.ASKING | FlowStatus.WAITING:
                self.say_how_to_go_on(flow)
            case FlowStatus.EXPIRED:
                terminal.complain(f"too late: the link, code or approval has expired; {_again(self.session, flow)}")
            case FlowStatus.FAILED if is_in_doubt(flow):
                self.say_how_to_go_on(flow)
            case _:
                reason = flow.failure.message if flow.failure else f"the flow has ended ({flow.status.value})"
                terminal.complain(reason)

    def say_how_to_go_on(self, flow: Flow) -> None:
        for line in going_on(self.session, flow):
            self.session.terminal.say(line)


def going_on(session: Session, flow: Flow) -> tuple[str, ...]:
    """Say which command goes on with a flow."""
    cancel = f"or end it: {session.command('cancel', flow.id)}"
    match flow.interaction:
        case Redirect():
            come_back = "'the address that the person came back to'"
            return (f"the flow waits; go on with: {session.command('resume')} {come_back}", cancel)
        case Challenge():
            return (f"the flow waits for an answer; go on with: {session.command('answer', flow.id)}", cancel)
    if flow.over and is_in_doubt(flow):
        look = session.command("transfer", "outcome", flow.id)
        return (f"nobody knows what the bank did; do not order again before you have looked: {look}",)
    if flow.over:
        return (f"the flow has ended ({flow.status.value})",)
    return (f"the provider is still at work; go on with: {session.command('wait', flow.id)}",)


def is_in_doubt(flow: Flow) -> bool:
    """Whether a payment may have been executed, and nobody here knows."""
    return flow.failure is not None and flow.failure.kind == OutcomeUnknown.__name__


def _again(session: Session, flow: Flow) -> str:
    if flow.purpose is Purpose.PAY:
        return f"look what became of it before ordering again: {session.command('transfer', 'outcome', flow.id)}"
    if flow.purpose is Purpose.CONNECT:
        return f"begin again: {session.command('connect', flow.adapter, '--owner', flow.owner)}"
    words = (
        ("renew", flow.connection_id) if flow.purpose is Purpose.RENEW else ("sync", "--connection", flow.connection_id)
    )
    return f"begin again: {session.command(*words)}"
