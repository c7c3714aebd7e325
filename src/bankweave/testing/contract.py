"""The conformance kit: inherit `AdapterContract`, hand it a `Rig`, and pytest runs every case against your adapter.

    from bankweave.testing import Person, Rig, TrueAccount, TrueRow
    from bankweave.testing.contract import AdapterContract
    from bankweave_acme import Acme

    class Anna(Person):
        def __init__(self, bank): self.bank = bank
        def sign_in(self, flow): return self.bank.browse(flow.interaction.url, allow=True)
        def refuse(self, flow): return self.bank.browse(flow.interaction.url, allow=False)
        def answer(self, challenge): return {"code": self.bank.code}
        def answer_wrongly(self, challenge): return {"code": "0"}

    class TestAcme(AdapterContract):
        @pytest.fixture
        def rig(self):
            with AcmeServer() as bank:
                settings = {"base_url": bank.url, "api_key": bank.key}
                yield Rig(adapter=Acme, settings=settings, person=Anna(bank), truth=bank.truth, pay=bank.pay)

`AcmeServer` is yours: a local server that speaks the provider's protocol. `truth` returns the accounts and rows as they are
now. What else a `Rig` can hold (pending payments, page sizes, ended access, a clock, a pause between syncs) switches on more
cases; a case whose part is missing is skipped and names it.

Every step runs in a bankweave made anew over the same store file, so that nothing survives in memory: flows are serialised
between any two steps. Answers are spoilt on the wire, so that no server has to know how to fail: the first, the middle and
the last request of a sync each meet an outage, a dropped connection, a used-up quota, an empty, a garbled and a halved
answer. Time is the rig's clock: sleeping moves it, and no test waits.

The three groups of cases can be inherited alone, for a second rig of the same adapter. Put
`@pytest.mark.parametrize("surface", ["async", "sync"])` over a class to run its cases through `Bankweave` too.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("bankweave.testing.connecting", "bankweave.testing.failing", "bankweave.testing.syncing")

from bankweave.testing.connecting import ConnectingCases  # noqa: E402 - after their asserts are made to speak
from bankweave.testing.failing import FailingCases  # noqa: E402
from bankweave.testing.syncing import SyncingCases  # noqa: E402

__all__ = ["AdapterContract", "ConnectingCases", "FailingCases", "SyncingCases"]


class AdapterContract(ConnectingCases, SyncingCases, FailingCases):
    """Everything that an adapter promises. Override the fixture `rig`; the module's docstring has an example."""
