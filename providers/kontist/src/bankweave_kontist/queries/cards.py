"""Cards (section 8)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

# `settings` only on demand, and never its older fields, which were removed in 2023; `pinKey` only to encrypt.
_CARD = """
  id status type holder formattedExpirationDate maskedPan pinSet addedToApplePay newCardOrdered
  googlePayTokens { walletId tokenRefId }
"""
_LIMITS = "daily { maxAmountCents maxTransactions } monthly { maxAmountCents maxTransactions }"
_SETTINGS = f"cardSpendingLimits {{ atm {{ {_LIMITS} }} purchase {{ {_LIMITS} }} }}"
_PROVISIONED = "activationData encryptedPassData ephemeralPublicKey walletPayload"

LIST_CARDS = query(
    f"""
    query ListCards {{
      viewer {{ mainAccount {{ publicId cards {{ {_CARD} }} }} }}
    }}
    """
)
ONE_CARD = query(
    f"""
    query OneCard($filter: CardFilter!) {{
      viewer {{ mainAccount {{ card(filter: $filter) {{ {_CARD} }} }} }}
    }}
    """
)
CARD_LIMITS = query(
    f"""
    query ReadCardLimits($id: String!) {{
      viewer {{ mainAccount {{ card(filter: {{ id: $id }}) {{ settings {{ {_SETTINGS} }} }} }} }}
    }}
    """
)
PIN_KEY = query(
    """
    query ReadPinKey($id: String!) {
      viewer { mainAccount { card(filter: { id: $id }) { pinKey { kid kty n e } } } }
    }
    """
)
CARD_HOLDER = query(
    """
    query ReadCardHolder {
      viewer { mainAccount { cardHolderRepresentation cardHolderRepresentations hasPendingCardFraudCase } }
    }
    """
)

CREATE_CARD = query(
    f"""
    mutation CreateCard($type: CardType!, $cardHolderRepresentation: String) {{
      createCard(type: $type, cardHolderRepresentation: $cardHolderRepresentation) {{ {_CARD} }}
    }}
    """
)
ACTIVATE_CARD = query(
    f"""
    mutation ActivateCard($id: String!, $verificationToken: String) {{
      activateCard(id: $id, verificationToken: $verificationToken) {{ {_CARD} }}
    }}
    """
)
CHANGE_CARD_STATUS = query(
    f"""
    mutation ChangeCardStatus($id: String!, $action: CardAction!) {{
      changeCardStatus(id: $id, action: $action) {{ {_CARD} }}
    }}
    """
)
REPLACE_CARD = query(f"mutation ReplaceCard($id: String!) {{ replaceCard(id: $id) {{ {_CARD} }} }}")
REORDER_CARD = query(f"mutation ReorderCard($id: String!) {{ reorderCard(id: $id) {{ {_CARD} }} }}")
UPDATE_CARD_LIMITS = query(
    f"""
    mutation UpdateCardLimits($id: String!, $settings: CardSettingsInput!) {{
      updateCardSettings(id: $id, settings: $settings) {{ {_SETTINGS} }}
    }}
    """
)
SET_CARD_HOLDER = query(
    """
    mutation SetCardHolder($cardHolderRepresentation: String!) {
      setCardHolderRepresentation(cardHolderRepresentation: $cardHolderRepresentation)
    }
    """
)

CHANGE_CARD_PIN = query(
    """
    mutation ChangeCardPin($id: String!, $pin: String!) {
      changeCardPIN(id: $id, pin: $pin) { confirmationId }
    }
    """
)
CONFIRM_CARD_PIN = query(
    """
    mutation ConfirmCardPin($id: String!, $confirmationId: String!, $authorizationToken: String!) {
      confirmChangeCardPIN(id: $id, confirmationId: $confirmationId, authorizationToken: $authorizationToken) { status }
    }
    """
)
CHANGE_CARD_PIN_ENCRYPTED = query(
    f"""
    mutation ChangeCardPinEncrypted($id: String!, $payload: ChangeCardPINEncryptedInput!) {{
      changeCardPINEncrypted(id: $id, payload: $payload) {{ {_CARD} }}
    }}
    """
)
CHANGE_CARD_PIN_BY_REQUEST = query(
    """
    mutation ChangeCardPinByRequest($id: String!, $payload: ChangeCardPINWithChangeRequestInput!) {
      changeCardPINWithChangeRequest(id: $id, payload: $payload) { confirmationId }
    }
    """
)
VIRTUAL_CARD_DETAILS = query(
    """
    mutation ReadVirtualCardDetails($id: String!, $args: VirtualCardDetailsArgs!) {
      virtualCardDetails(id: $id, args: $args)
    }
    """
)

ADD_GOOGLE_PAY = query(
    """
    mutation AddGooglePay($id: String!, $walletId: String!, $tokenRefId: String!) {
      addGooglePayCardToken(id: $id, walletId: $walletId, tokenRefId: $tokenRefId) { walletId tokenRefId }
    }
    """
)
DELETE_GOOGLE_PAY = query(
    """
    mutation DeleteGooglePay($id: String!, $walletId: String!, $tokenRefId: String!) {
      deleteGooglePayCardToken(id: $id, walletId: $walletId, tokenRefId: $tokenRefId) { walletId tokenRefId }
    }
    """
)
REQUEST_PROVISIONING = query(
    """
    mutation RequestProvisioning(
      $cardId: String!, $deviceId: String!, $android: PushProvisioningAndroidInput, $ios: PushProvisioningIosInput
    ) {
      requestCardPushProvisioning(cardId: $cardId, deviceId: $deviceId, android: $android, ios: $ios) {
        changeRequestId stringToSign
      }
    }
    """
)
CONFIRM_PROVISIONING = query(
    f"""
    mutation ConfirmProvisioning($cardId: String!, $payload: ConfirmChangeRequestArgs!) {{
      confirmCardPushProvisioning(cardId: $cardId, payload: $payload) {{ {_PROVISIONED} }}
    }}
    """
)

WHITELIST_CARD = query("mutation WhitelistCard { whitelistCard { id resolution whitelistedUntil } }")
CONFIRM_FRAUD = query("mutation ConfirmFraud { confirmFraud { id resolution } }")
