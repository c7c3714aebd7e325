"""Answers that say nothing but whether it was done."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, Field

from bankweave.errors import ProviderRefused
from bankweave_kontist.queries import Query
from bankweave_kontist.records import Record
from bankweave_kontist.refusals import origin

_NAMES = (
    "confirmDirectDebitRefund",
    "createUserEmailAlias",
    "deleteDocument",
    "deleteDraftTransaction",
    "deleteEmailDocument",
    "deleteExternalTransaction",
    "deleteTaxNumber",
    "deleteTransactionAsset",
    "matchEmailDocumentToTransaction",
    "resetDeclaration",
    "userConfirmation",
)


class _Result(Record):
    success: bool


class Success(Record):
    """The answer to one of the mutations that give a `MutationResult`."""

    result: Annotated[_Result, Field(validation_alias=AliasChoices(*_NAMES))]

    def check(self, query: Query) -> None:
        """Raise `ProviderRefused` (not_done) where it was not done."""
        if not self.result.success:
            message = f"Kontist answered {query.operation} without doing it"
            raise ProviderRefused(message, origin=origin(query.operation), code="not_done")
