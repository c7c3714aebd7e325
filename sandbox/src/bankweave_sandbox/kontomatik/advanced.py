"""The older step-by-step imports: one command for each part of the data (providers/kontomatik.md section 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from bankweave_sandbox.kontomatik.holdings import Holding, Holdings
from bankweave_sandbox.kontomatik.refusals import invalid_iban, invalid_parameter
from bankweave_sandbox.kontomatik.result_xml import ResultWriter

DEFAULT_IMPORT = "DefaultImportCommand"

Part = Literal["owners", "accounts", "account-rows", "cards", "card-rows"]

# By the last word of the path; the names are those of the catalog.
PARTS: Mapping[str, tuple[str, Part]] = {
    "import-owners": ("ImportOwnersDetailsCommand", "owners"),
    "import-accounts": ("ImportAccountsCommand", "accounts"),
    "import-account-transactions": ("ImportAccountTransactionsCommand", "account-rows"),
    "import-credit-cards": ("ImportCreditCardsCommand", "cards"),
    "import-credit-card-transactions": ("ImportCreditCardTransactionsCommand", "card-rows"),
}


@dataclass(frozen=True, slots=True)
class Advanced:
    """Which part is imported; `number` is the account's or the card's whose rows are wanted."""

    name: str
    part: Part
    number: str = ""

    def check(self, holdings: Holdings) -> None:
        """Refuse a number that the customer has not; for cards the name is undocumented."""
        if self.part == "account-rows" and self._chosen(holdings) is None:
            raise invalid_iban()
        if self.part == "card-rows" and self._chosen(holdings) is None:
            raise invalid_parameter("cardNumber", "names no card")

    def write(self, result: etree._Element, writer: ResultWriter, holdings: Holdings) -> None:
        match self.part:
            case "owners":
                writer.owners(result)
            case "accounts":
                writer.accounts(result, with_rows=False)
            case "cards":
                writer.cards(result, with_rows=False)
            case "account-rows" | "card-rows":
                if (chosen := self._chosen(holdings)) is not None:
                    writer.rows(result, chosen)

    def _chosen(self, holdings: Holdings) -> Holding | None:
        wanted, are_cards = _compact(self.number), self.part == "card-rows"
        kind = (h for h in holdings.accounts if h.is_card == are_cards)
        return next((h for h in kind if wanted == _compact(h.account.iban or h.account.number)), None)


def _compact(number: str) -> str:
    return "".join(number.split()).upper()
