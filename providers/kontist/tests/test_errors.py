"""What the vendor's own SDK raises, and what is known to go wrong: what becomes of it here, and the test that shows it.

Section 10 of the notes, the SDK's errors:

| there | here | test |
|---|---|---|
| KontistSDKError: verifier and secret | cannot be: the secret decides | test_a_client_with_a_secret_needs_no_verifier |
| KontistSDKError: no redirect URI | ConfigurationError | test_without_a_return_address_nobody_can_sign_in |
| KontistSDKError: REST, non-2xx | by its status | test_a_refused_rest_call_has_its_status |
| KontistSDKError: REST, network | ProviderUnavailable | test_kontist_may_be_away_while_the_phone_is_answered |
| UserUnauthorizedError | NeedsUser, nothing sent | test_without_access_nothing_is_sent |
| ChallengeExpiredError | FlowExpired | test_a_push_that_nobody_confirms_expires |
| ... verified too late | FlowExpired | test_a_push_that_was_confirmed_after_its_time_is_lost |
| ... as a flow | Failed (expired) | test_a_challenge_that_has_expired_is_lost_whatever_its_status |
| ChallengeDeniedError | ProviderRefused (DENIED) | test_a_denied_push_is_a_refusal |
| ... as a flow | Failed (user_refused) | test_a_denial_in_the_app_ends_the_flow |
| MFAConfirmationCanceledError | FlowOver | test_another_task_may_cancel_the_waiting |
| RenewTokenError: refused | ConsentExpired and others | test_a_refused_renewal_says_what_can_be_done |
| RenewTokenError: timeout | ProviderUnavailable | test_a_renewal_waits_as_long_as_the_settings_allow |
| RenewTokenError: web message | cannot be: for browsers only | test_a_renewal_is_for_the_same_user_only |
| GraphQLError | by the error's own status and type | test_errors_of_a_query_are_told_apart |
| ... message, status, type of the first | code is Kontist's word | test_of_several_errors_the_first_decides |
| ... network, not JSON | ProviderUnavailable, MalformedAnswer | test_the_network_failing_leaves_as_it_came |
| EAUTH | by OAuth's word | test_a_refused_exchange_says_what_can_be_done |
| EAUTH: access denied | Failed (user_refused) | test_a_person_who_refuses_ends_the_flow |
| ESTATUS | by the status | test_a_refused_renewal_says_what_can_be_done |
| Invalid state | NotAsking, the flow stays | test_a_forged_callback_leaves_the_flow_as_it_is |
| Missing code | ProviderRefused (missing_code) | test_a_callback_without_a_code_is_a_refusal |
| Redirected path should match | cannot be: the state finds the flow | test_a_callback_of_another_login_is_turned_away |
| EUNAVAILABLE | ProviderUnavailable, or the flow ends | test_an_exchange_that_never_left_can_be_tried_with_the_same_callback |

Section 11, the gotchas that concern a client (the others are the SDK's own, or a server's):

| number | what | test |
|---|---|---|
| 1 | fields that newer schemas lack are not asked for | test_a_query_is_valid_in_the_schema |
| 3 | `publicId` is sent only for a sub-account | test_a_sub_account_is_read_by_its_public_id |
| 7 | no refresh token is an error of ours | test_without_a_refresh_token_only_the_person_can_go_on |
| 8 | a refused token is renewed, once | test_a_rejected_token_is_renewed_once_and_the_request_repeated |
| 9 | errors inside 200 are not "no rows" | test_data_beside_errors_are_not_used |
| 10 | a new refresh token replaces the old one | test_a_renewal_keeps_the_refresh_token_unless_a_new_one_came |
| 11 | never more than 50 | test_a_page_cannot_be_larger_than_kontists |
| 12 | no amount of 0 | test_what_no_bank_would_take_is_refused |
| 13 | days are filters, by Berlin midnight | test_rows_since_a_day_begin_at_its_berlin_midnight |
| 14 | the day is Berlin's | test_the_first_second_of_a_berlin_day_belongs_to_it |
| 15 | batches have fewer fields | test_a_batch_takes_plain_transfers_only |
| 16 | no fragments on another type | test_a_query_is_one_that_the_sandbox_serves |
| 17 | `String!` and `ID!` are told apart | test_a_query_is_valid_in_the_schema |
| 18 | events twice, and one refresh too many | test_a_transaction_that_comes_both_ways_comes_once |
| 19 | an expired token behind the first error | test_an_expired_token_is_noticed_among_other_errors |
| 20 | the clock decides about pushes | test_failed_looks_do_not_outlive_the_challenge |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from bankweave.adapter import Response
from bankweave.errors import (
    AccessRevoked,
    BankweaveError,
    ConsentExpired,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
)
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import AsyncKontistClient, KontistSettings
from bankweave_kontist.session import Session

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
ROWS = re.findall(r"^\| .* \| (test_\w+) \|$", __doc__ or "", re.MULTILINE)


def client(ctx: FakeContext) -> AsyncKontistClient:
    return AsyncKontistClient(Session(KontistSettings(client_id="c"), ctx))


@pytest.fixture(scope="module")
def written() -> set[str]:
    """The names of all tests of the adapter."""
    found = (re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text(), re.MULTILINE) for path in HERE.rglob("*.py"))
    return {name for names in found for name in names}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_the_tables_has_its_test(name: str, written: set[str]) -> None:
    assert name in written


def test_the_tables_are_read() -> None:
    assert len(ROWS) == 40


@pytest.mark.parametrize(
    ("status", "reading", "ringing"),
    [
        (400, ProviderRefused, ProviderRefused),
        (403, ProviderRefused, ProviderRefused),
        (404, ProviderRefused, ProviderRefused),
        (429, RateLimited, RateLimited),
        (503, ProviderUnavailable, OutcomeUnknown),
    ],
)
async def test_a_refused_rest_call_has_its_status(
    status: int, reading: type[BankweaveError], ringing: type[BankweaveError]
) -> None:
    """What only reads may be tried again; of what rings on a phone, nobody knows whether it did."""
    refusal = Response(status=status, body=b'{"title": "Anna Secret"}')
    kontist = client(FakeContext(http=ScriptedHttp([refusal, refusal])))
    with pytest.raises(reading) as looked:
        await kontist.push.pending()
    with pytest.raises(ringing) as rang:
        await kontist.push.confirm()
    assert type(looked.value) is reading
    assert type(rang.value) is ringing
    assert "Secret" not in f"{looked.value}{rang.value}"


@dataclass
class Ended(FakeContext):
    """A connection whose access is over."""

    async def access_token(self, rejected: str | None = None) -> str:  # noqa: ARG002  there is none
        raise ConsentExpired("the consent ran out")


async def test_without_access_nothing_is_sent() -> None:
    ctx = Ended()
    with pytest.raises(ConsentExpired):
        await client(ctx).accounts.main()
    with pytest.raises(ConsentExpired):
        await client(ctx).push.confirm()
    assert ctx.http.sent == []


async def test_a_rest_call_under_a_token_that_stays_refused_needs_the_person() -> None:
    refused = Response(status=401)
    ctx = FakeContext(http=ScriptedHttp([refused, refused]))
    with pytest.raises(AccessRevoked):
        await client(ctx).push.confirm()
    assert [each.headers["Authorization"] for each in ctx.http.sent] == ["Bearer access-1", "Bearer access-2"]
