"""What Kontist's 65 transaction types are in ISO 20022's words (section 6.4). Pure; no answer of Kontist's is read here.

Kontist says no more than the names, so this table is a reading of ours. A code is domain-family-subfamily of ISO's external
list. The direction of the money decides between two families, hence a code for each; None: no word of ISO's fits, or the
name does not tell. A reversal has the code of what it takes back, and says so besides, as ISO's reversal indicator does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a transaction type means."""

    credit: str | None = None  # ISO 20022 code where money comes in
    debit: str | None = None  # and where it goes out
    is_card: bool = False
    is_reservable: bool = False  # a row of this type without a value date is a card reservation
    is_reversal: bool = False  # takes something back
    is_fee: bool = False  # money for Kontist or its bank: fees, commissions, interest that is owed
    is_external: bool = False  # entered by the person: no money of this account

    def code(self, cents: int) -> str | None:
        """The ISO 20022 bank transaction code of an amount's direction."""
        return self.credit if cents > 0 else self.debit


def _both(family: str) -> Kind:
    """Money that comes and goes alike: "I" issued and "R" received families of one kind."""
    return Kind(credit=f"PMNT-R{family}", debit=f"PMNT-I{family}")


def _reversed(kind: Kind) -> Kind:
    """Taking back a kind: what went out comes in, and the other way round."""
    return replace(kind, credit=kind.debit, debit=kind.credit, is_reversal=True, is_reservable=False)


UNKNOWN = Kind()

_TRANSFER = _both("CDT-ESCT")
# A transfer of ours that comes back is credited, one to us that we lose again is debited; so with direct debits.
_TRANSFER_RETURN = Kind(credit="PMNT-ICDT-RRTN", debit="PMNT-RCDT-RRTN", is_reversal=True)
_TRANSFER_RECALL = Kind(credit="PMNT-ICDT-RPCR", debit="PMNT-RCDT-RPCR", is_reversal=True)
_INTERNAL = _both("CDT-BOOK")
_INTERNATIONAL = _both("CDT-XBCT")
_SAME_DAY = _both("CDT-SDVA")
_INSTANT = _both("RCT-ESCT")
# One type for both sides: collected from the account where money goes out, by its holder where it comes in.
_DIRECT_DEBIT = Kind(credit="PMNT-IDDT-ESDD", debit="PMNT-RDDT-ESDD")
_DIRECT_DEBIT_RETURN = Kind(credit="PMNT-RDDT-UPDD", debit="PMNT-IDDT-UPDD", is_reversal=True)
_CARD = Kind(credit="PMNT-CCRD-RIMB", debit="PMNT-CCRD-POSD", is_card=True, is_reservable=True)
_CARD_REFUND = replace(_CARD, is_reversal=True)
_CASH = Kind(credit="PMNT-CCRD-CWDL", debit="PMNT-CCRD-CWDL", is_card=True, is_reservable=True)
_CARD_CORRECTION = Kind(credit="PMNT-CCRD-POSD", debit="PMNT-CCRD-POSD", is_card=True, is_reversal=True)
_CARD_DISPUTE = Kind(credit="PMNT-CCRD-RIMB", debit="PMNT-CCRD-RIMB", is_card=True)
_FEE = Kind(credit="ACMT-MCOP-CHRG", debit="ACMT-MDOP-CHRG", is_fee=True)
_COMMISSION = Kind(credit="ACMT-MCOP-COMM", debit="ACMT-MDOP-COMM", is_fee=True)
_INTEREST = Kind(credit="ACMT-MCOP-INTR", debit="ACMT-MDOP-INTR")
_INTEREST_OWED = replace(_INTEREST, is_fee=True)
_ADJUSTMENT = Kind(credit="ACMT-MCOP-ADJT", debit="ACMT-MDOP-ADJT")
_REIMBURSEMENT = Kind(credit="ACMT-MCOP-RIMB", debit="ACMT-MDOP-RIMB")
_EXTERNAL = Kind(is_external=True)
_TOP_UP = Kind()  # with another bank's card, through Kontist: neither a card of the account nor a transfer

KINDS: dict[str, Kind] = {
    "ATM": _CASH,
    "CANCELLATION_BOOKING": replace(_ADJUSTMENT, is_reversal=True),
    "CANCELLATION_CARD_TRANSACTION": _CARD_CORRECTION,
    "CANCELLATION_CHARGE": _reversed(_FEE),
    "CANCELLATION_DIRECT_DEBIT": _reversed(_DIRECT_DEBIT),
    "CANCELLATION_DOUBLE_BOOKING": replace(_ADJUSTMENT, is_reversal=True),
    "CANCELLATION_INTEREST_ACCRUED": _reversed(_INTEREST),
    "CANCELLATION_SEPA_CREDIT_TRANSFER_RETURN": _reversed(_TRANSFER_RETURN),
    "CANCELLATION_SEPA_DIRECT_DEBIT_RETURN": _reversed(_DIRECT_DEBIT_RETURN),
    "CANCEL_MANUAL_LOAD": replace(_TOP_UP, is_reversal=True),
    "CARD_TRANSACTION": _CARD,
    "CARD_USAGE": _CARD,
    "CASH_ATM_REVERSAL": replace(_CASH, is_reversal=True, is_reservable=False),
    "CASH_MANUAL": _CASH,
    "CASH_MANUAL_REVERSAL": replace(_CASH, is_reversal=True, is_reservable=False),
    "CHARGE": _FEE,
    "COMMISSION_OVERDRAFT": _COMMISSION,
    "CREDIT_PRESENTMENT": _CARD,
    "CREDIT_TRANSFER_CANCELLATION": _TRANSFER_RECALL,
    "CURRENCY_TRANSACTION_CANCELLATION": _reversed(_INTERNATIONAL),
    "ChargeRecallRequest": _FEE,
    "CorrectionCardTransaction": _CARD_CORRECTION,
    "CorrectionNostro": _ADJUSTMENT,
    "CorrectionSEPACreditTransfer": _reversed(_TRANSFER),
    "DEBIT_PRESENTMENT": _CARD,
    "DEPOSIT_FEE": _FEE,
    "DIRECT_DEBIT": _DIRECT_DEBIT,
    "DIRECT_DEBIT_AUTOMATIC_TOPUP": _DIRECT_DEBIT,
    "DIRECT_DEBIT_RETURN": _DIRECT_DEBIT_RETURN,
    "DISPUTE_CLEARING": _CARD_DISPUTE,
    "DISPUTE_TRANSACTION": _CARD_DISPUTE,
    "EXTERNAL_TRANSACTION": _EXTERNAL,
    "EXTERNAL_TRANSACTION_CASH": _EXTERNAL,
    "FAILED_CARD_USAGE": Kind(is_card=True),  # declined: no money moved
    "FORCE_POST_TRANSACTION": _CARD,
    "FOREIGN_PAYMENT": _INTERNATIONAL,
    "INTEREST_ACCRUED": _INTEREST,
    "INTERNAL_TRANSFER": _INTERNAL,
    "INTERNATIONAL_CREDIT_TRANSFER": _INTERNATIONAL,
    "INTRA_CUSTOMER_TRANSFER": _INTERNAL,
    "InterestExcessDeposit": _INTEREST_OWED,
    "InterestOverdraft": _INTEREST_OWED,
    "InterestOverdraftExceeded": _INTEREST_OWED,
    "MANUAL_LOAD": _TOP_UP,
    "OCT": replace(_CARD, credit="PMNT-CCRD-OTHR", debit="PMNT-CCRD-OTHR"),  # original credit: money sent to the card
    "OTHER": UNKNOWN,
    "PURCHASE_REVERSAL": _CARD_REFUND,
    "REBOOKING": _ADJUSTMENT,
    "RebookedSEPACreditTransferReturn": _TRANSFER_RETURN,
    "RebookedSEPADirectDebitCoreReturn": _DIRECT_DEBIT_RETURN,
    "ReimbursementCustomer": _REIMBURSEMENT,
    "SEPAInstantCreditTransfer": _INSTANT,
    "SEPA_CREDIT_TRANSFER": _TRANSFER,
    "SEPA_CREDIT_TRANSFER_RETURN": _TRANSFER_RETURN,
    "SEPA_DIRECT_DEBIT": _DIRECT_DEBIT,
    "SEPA_DIRECT_DEBIT_RETURN": _DIRECT_DEBIT_RETURN,
    "TRANSFER": _TRANSFER,
    "TRANSFER_TO_BANK_ACCOUNT": _TRANSFER,
    "Target2CreditTransfer1": _SAME_DAY,
    "Target2CreditTransfer2": _SAME_DAY,
    "TopUpCard": _TOP_UP,
    "TopUpCardChargeback": replace(_TOP_UP, is_reversal=True),
    "TopUpCardRefund": replace(_TOP_UP, is_reversal=True),
    "VERIFICATION_CODE": UNKNOWN,
    "WIRE_TRANSFER_TOPUP": _TRANSFER,
}

# A reservation is a card row without a value date; which of the 65 types are a card's is told by their names alone
# (section 6.4: there is no reservation type and no pending flag).
RESERVABLE = frozenset(name for name, kind in KINDS.items() if kind.is_reservable)
EXTERNAL = frozenset(name for name, kind in KINDS.items() if kind.is_external)
DECLINED = "FAILED_CARD_USAGE"


def kind_of(type_name: str) -> Kind:
    """Tell what a type means; the enum grows, and nothing is known of a type that came later."""
    return KINDS.get(type_name, UNKNOWN)


def is_reservation(type_name: str) -> bool:
    """Whether a row of this type that has no value date yet is a card reservation."""
    return type_name in RESERVABLE
