"""Direct debits given back (section 6.4)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

REQUEST_REFUND = query(
    """
    mutation RequestDirectDebitRefund($transactionId: String!, $deviceId: String!, $deliveryMethod: DeliveryMethod!) {
      initDirectDebitRefund(transactionId: $transactionId, deviceId: $deviceId, deliveryMethod: $deliveryMethod) {
        changeRequestId stringToSign
      }
    }
    """
)
CONFIRM_REFUND = query(
    """
    mutation ConfirmDirectDebitRefund($changeRequestId: String!, $deviceId: String!, $signature: String, $token: String) {
      confirmDirectDebitRefund(
        changeRequestId: $changeRequestId, deviceId: $deviceId, signature: $signature, token: $token
      ) { success }
    }
    """
)
