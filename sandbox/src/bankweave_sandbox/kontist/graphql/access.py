"""Who may read what: scopes and confirmed tokens (providers/kontist.md section 5).

Which field needs which scope is not documented; this is the notes' working assumption, behind `enforce_scopes`.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from bankweave_sandbox.kontist.oauth.tokens import Grant
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches

# Root fields that answer without a token (section 6.1).
PUBLIC_FIELDS = frozenset({"status", "genericFeatures", "__typename"})
_BANKING_ROOTS = frozenset({"transactions", "getSubAccounts", "newTransaction"})
# Fields by scope. What moves money, and cards: with `strict_mfa` at "transfers", its default, that needs a confirmed
# token already. Which scope cards need is unknown; `accounts` is the notes' assumption.
_STRICT = {
    "transfers": "createTransfer confirmTransfer createTransfers confirmTransfers updateTransfer cancelTransfer "
    "confirmCancelTransfer createIntraCustomerTransfer initDirectDebitRefund confirmDirectDebitRefund refundDirectDebit",
    "accounts": "createCard activateCard changeCardStatus updateCardSettings replaceCard reorderCard "
    "setCardHolderRepresentation changeCardPIN confirmChangeCardPIN changeCardPINEncrypted "
    "changeCardPINWithChangeRequest virtualCardDetails addGooglePayCardToken deleteGooglePayCardToken "
    "requestCardPushProvisioning confirmCardPushProvisioning cardPushProvisioning whitelistCard confirmFraud",
}
# Mutations of a person's own data and clients: never banking, as the notes' recommended rule has it.
_PERSONAL = {
    "clients": "createClient updateClient deleteClient",
    "users": "createUserEmailAlias userConfirmation updateTermsAndConditions createTaxNumber updateTaxNumber "
    "deleteTaxNumber createBusinessAddress",
}
_OTHERS = {
    "accounts": "getSubAccounts submitDeclaration upsertDeclaration resetDeclaration updateTaxYearSettings "
    "updateVatYearSetting",
    "change_request": "authorizeChangeRequest confirmChangeRequest",
    "statements": "updateDocument deleteDocument matchEmailDocumentToTransaction deleteEmailDocument",
    "subscriptions": "subscribeToPlan updateSubscriptionPlan",
    "transactions": "transactions newTransaction updateTransaction createTransactionSplits updateTransactionSplits "
    "deleteTransactionSplits createTransactionAsset finalizeTransactionAssetUpload finalizeAssetUpload "
    "deleteTransactionAsset deleteAsset categorizeTransactionForDeclaration draftTransactions createDraftTransaction "
    "createDraftTransactions createDraftTransactionAsset updateDraftTransaction deleteDraftTransaction "
    "updateExternalTransaction deleteExternalTransaction",
    "transfers": "getIBANInformation contacts createContact updateContact deleteContact",
}
# Devices confirm tokens: whoever binds one cannot have a confirmed token yet.
_DEVICE_ROOTS = {"createDeviceBindingRequest", "updateDeviceBindingRequest", "addDeviceKey", "deleteBoundDevice"}


def _each(by_scope: dict[str, str]) -> dict[str, AbstractSet[str]]:
    return {field: {scope} for scope, fields in by_scope.items() for field in fields.split()}


_ROOTS = _each(_STRICT) | _each(_PERSONAL) | _each(_OTHERS)
_STRICT_ROOTS = frozenset(_each(_STRICT))
_NEVER_BANKING = _DEVICE_ROOTS | set(_each(_PERSONAL))
_TRANSFER_FIELDS = frozenset({"transfer", "transfers", "transferSuggestions"})  # of `Account`
# The fields of `User` that need another scope than `users`.
_OF_USER: dict[str, AbstractSet[str]] = {
    "mainAccount": {"accounts", "transactions", "transfers"},
    "unfinishedTransfers": {"transfers"},
    **_each(
        {
            "clients": "clients client",
            "statements": "documents documentCategories emailDocuments emailDocument",
            "subscriptions": "subscriptionPlans availablePlans subscriptions",
        }
    ),
}


def check_access(grant: Grant, type_name: str, field: str, switches: Switches) -> None:
    """Raise a 403 problem when the token does not reach the field."""
    needed = _scopes_for(type_name, field)
    if switches.enforce_scopes and needed and not needed & set(grant.scopes):
        raise Problem(403, "Insufficient scope: " + " or ".join(sorted(needed)) + " is needed")
    if not grant.is_confirmed and _needs_confirmation(type_name, field, switches):
        raise Problem(403, "A token confirmed by MFA is needed")


def _scopes_for(type_name: str, field: str) -> AbstractSet[str]:
    """Name the scopes of which one is enough; `mainAccount` itself opens with any that its fields could use."""
    match type_name:
        case "User":
            return _OF_USER.get(field, {"users"})
        case "Account":
            if field in _TRANSFER_FIELDS:
                return {"transfers"}
            return {"transactions"} if field.startswith("transaction") else {"accounts"}
        case _:
            return _ROOTS.get(field, set())


def _needs_confirmation(type_name: str, field: str, switches: Switches) -> bool:
    match switches.strict_mfa:
        case "transfers":
            return type_name in {"Query", "Mutation"} and field in _STRICT_ROOTS
        case "banking":
            return _is_banking(type_name, field)
        case _:
            return False


def _is_banking(type_name: str, field: str) -> bool:
    if type_name == "Mutation":
        return field not in _NEVER_BANKING
    return (type_name == "User" and field == "mainAccount") or field in _BANKING_ROOTS
