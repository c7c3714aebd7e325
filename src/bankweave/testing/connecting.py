# ruff: noqa: S101 - what a test kit does is assert
"""The kit's cases about connecting."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from bankweave.adapter import Ability, Cards, Forgetful, HasClient, Renewable, Revocable, Streams, Transfers
from bankweave.errors import BankweaveError, ConfigurationError, FlowOver, UnknownFlow
from bankweave.flow import Challenge, Flow, FlowStatus, Reason, Redirect
from bankweave.testing.driver import MOST_TURNS, Driver
from bankweave.testing.fixtures import RigFixtures
from bankweave.testing.wire import DOWN

POSITIONS = 4  # requests of a connect flow that are made to fail, one after the other


PROTOCOLS: Mapping[Ability, type] = {
    Ability.RENEWABLE: Renewable,
    Ability.REVOCABLE: Revocable,
    Ability.FORGETFUL: Forgetful,
    Ability.TRANSFERS: Transfers,
    Ability.CARDS: Cards,
    Ability.STREAMS: Streams,
    Ability.CLIENT: HasClient,
}


class ConnectingCases(RigFixtures):
    """Connect, refuse, answer wrongly, come back twice, with a forged key, too late, or while the provider is down."""

    def test_the_abilities_that_it_declares_are_those_that_it_has(self, drive: Driver) -> None:
        adapter = drive.rig.adapter
        has = {ability for ability, protocol in PROTOCOLS.items() if issubclass(adapter, protocol)}

        assert adapter.info.abilities == has

    def test_a_person_who_signs_in_is_connected(self, drive: Driver) -> None:
        flow = drive.connected()

        assert flow.status is FlowStatus.CONNECTED, flow.failure
        (connection,) = drive.connections()
        assert (connection.id, connection.owner) == (flow.connection_id, drive.rig.owner)
        assert connection.adapter == drive.rig.adapter.info.name

    def test_a_person_who_refuses_is_not_connected(self, drive: Driver) -> None:
        flow = _sent_away(drive.connect())
        back = drive.rig.person.refuse(flow)
        flow = drive.wait(flow) if back is None else drive.resume(back)

        assert flow.status is FlowStatus.FAILED
        assert flow.failure is not None
        assert flow.failure.code == Reason.USER_REFUSED.value
        assert drive.connections() == ()

    def test_wrong_answers_connect_nobody(self, drive: Driver) -> None:
        flow = drive.signed_in()
        if not isinstance(flow.interaction, Challenge):
            pytest.skip("this adapter asks nothing after the sign-in")
        flow = answered_wrongly(drive, flow)

        assert flow.status is FlowStatus.FAILED
        assert flow.failure is not None
        assert flow.failure.code in {Reason.WRONG_ANSWER.value, Reason.USER_REFUSED.value}
        assert drive.connections() == ()

    def test_a_callback_that_comes_twice_changes_nothing(self, drive: Driver) -> None:
        flow = _sent_away(drive.connect())
        back = _callback(drive.rig.person.sign_in(flow))
        drive.complete(drive.resume(back))
        asked = drive.wire.sent
        again = drive.resume(back)

        assert again.status is FlowStatus.CONNECTED
        assert drive.wire.sent == asked, "the provider was called a second time"
        assert len(drive.connections()) == 1

    def test_a_callback_with_another_key_is_refused(self, drive: Driver) -> None:
        flow = _sent_away(drive.connect())
        back = _callback(drive.rig.person.sign_in(flow))
        key = drive.rig.adapter.info.callback_key
        forged = urlsplit(back)._replace(query=f"{key}=forged&code=forged").geturl()
        with pytest.raises(UnknownFlow):
            drive.resume(forged)

        assert drive.complete(drive.resume(back)).status is FlowStatus.CONNECTED

    def test_a_cancelled_flow_connects_nobody(self, drive: Driver) -> None:
        flow = _sent_away(drive.connect())
        back = _callback(drive.rig.person.sign_in(flow))
        assert drive.cancel(flow).status is FlowStatus.CANCELLED
        with pytest.raises(FlowOver):
            drive.resume(back)

        assert drive.connections() == ()

    def test_a_provider_that_goes_down_on_the_way_leaves_nothing_half_connected(self, drive: Driver) -> None:
        for position in range(POSITIONS):
            flow = _sent_away(drive.connect())
            back = _callback(drive.rig.person.sign_in(flow))
            drive.wire.spoil(DOWN, position)
            flow = _tried(drive, flow, back)
            hurt = drive.wire.mend()
            flow = drive.complete(drive.resume(back)) if flow.status is FlowStatus.ASKING else drive.complete(flow)

            assert flow.status is FlowStatus.CONNECTED or flow.failure is not None
            if not hurt:
                break

        assert drive.connected().status is FlowStatus.CONNECTED

    def test_a_setting_that_does_not_exist_is_named(self, drive: Driver) -> None:
        drive.settings["no_such_setting"] = "x"
        with pytest.raises(ConfigurationError, match="no_such_setting"):
            drive.connect()


def answered_wrongly(drive: Driver, flow: Flow) -> Flow:
    """Answer wrongly for as long as the flow takes answers."""
    for _ in range(MOST_TURNS):
        if flow.over:
            break
        if isinstance(flow.interaction, Challenge):
            flow = drive.answer(flow, drive.rig.person.answer_wrongly(flow.interaction))
        else:
            flow = drive.wait(flow)
    return flow


def _tried(drive: Driver, flow: Flow, back: str) -> Flow:
    """Come back while the provider fails; where the flow stands after that."""
    try:
        return drive.resume(back)
    except BankweaveError:
        return next(one for one in drive.flows() if one.id == flow.id)


def _sent_away(flow: Flow) -> Flow:
    if not isinstance(flow.interaction, Redirect):
        pytest.skip("this adapter sends nobody away")
    return flow


def _callback(back: str | None) -> str:
    if back is None:
        pytest.skip("this adapter's people do not come back by a callback")
    return back
