"""What waits for the signature of a bound device (section 7.4)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

AUTHORIZE_CHANGE = query(
    """
    mutation AuthorizeChange($deviceId: String!, $changeRequestId: String!) {
      authorizeChangeRequest(deviceId: $deviceId, changeRequestId: $changeRequestId) { stringToSign changeRequestId }
    }
    """
)
CONFIRM_CHANGE = query(
    """
    mutation ConfirmChange(
      $deviceId: String!, $changeRequestId: String!, $signature: String, $authorizationToken: String
    ) {
      confirmChangeRequest(
        deviceId: $deviceId, changeRequestId: $changeRequestId, signature: $signature,
        authorizationToken: $authorizationToken
      ) { success }
    }
    """
)
PENDING_PAYMENT = query(
    """
    query PendingCardPayment {
      viewer {
        mainAccount {
          pendingTransactionVerification {
            name amount expiresAt authenticateChangeRequestId declineChangeRequestId
          }
        }
      }
    }
    """
)
