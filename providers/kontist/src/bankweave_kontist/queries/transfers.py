"""Transfers (section 7)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

_FIELDS = """
    fragment TransferFields on Transfer {
      id recipient iban amount status executeAt lastExecutionDate nextOccurrence purpose e2eId reoccurrence
      category userSelectedBookingDate personalNote reference
    }
"""

CREATE_TRANSFER = query(
    """
    mutation CreateTransfer($transfer: CreateTransferInput!, $deviceId: String, $deliveryMethod: DeliveryMethod) {
      createTransfer(transfer: $transfer, deviceId: $deviceId, deliveryMethod: $deliveryMethod) {
        confirmationId stringToSign
      }
    }
    """
)

CONFIRM_TRANSFER = query(
    """
    mutation ConfirmTransfer(
      $confirmationId: String!, $authorizationToken: String, $deviceId: String, $signature: String
    ) {
      confirmTransfer(
        confirmationId: $confirmationId, authorizationToken: $authorizationToken,
        deviceId: $deviceId, signature: $signature
      ) { ...TransferFields }
    }
    """
    + _FIELDS
)

CREATE_TRANSFERS = query(
    """
    mutation CreateTransfers($transfers: [CreateSepaTransferInput!]!) {
      createTransfers(transfers: $transfers) { confirmationId }
    }
    """
)

CONFIRM_TRANSFERS = query(
    """
    mutation ConfirmTransfers($confirmationId: String!, $authorizationToken: String!) {
      confirmTransfers(confirmationId: $confirmationId, authorizationToken: $authorizationToken) {
        id status transfers { id status recipient iban purpose amount e2eId }
      }
    }
    """
)

# What a union turned out to be is told by `confirmationId` (section 7.1).
UPDATE_TRANSFER = query(
    """
    mutation UpdateTransfer($transfer: UpdateTransferInput!, $deviceId: String, $deliveryMethod: DeliveryMethod) {
      updateTransfer(transfer: $transfer, deviceId: $deviceId, deliveryMethod: $deliveryMethod) {
        ... on ConfirmationRequest { confirmationId stringToSign }
        ...TransferFields
      }
    }
    """
    + _FIELDS
)

CANCEL_TRANSFER = query(
    """
    mutation CancelTransfer(
      $type: TransferType!, $id: String!, $deviceId: String, $deliveryMethod: DeliveryMethod
    ) {
      cancelTransfer(type: $type, id: $id, deviceId: $deviceId, deliveryMethod: $deliveryMethod) {
        ... on ConfirmationRequest { confirmationId stringToSign }
        ...TransferFields
      }
    }
    """
    + _FIELDS
)

CONFIRM_CANCEL_TRANSFER = query(
    """
    mutation ConfirmCancelTransfer(
      $type: TransferType!, $confirmationId: String!,
      $authorizationToken: String, $deviceId: String, $signature: String
    ) {
      confirmCancelTransfer(
        type: $type, confirmationId: $confirmationId,
        authorizationToken: $authorizationToken, deviceId: $deviceId, signature: $signature
      ) { ...TransferFields }
    }
    """
    + _FIELDS
)

# `publicId` comes along so that an answer about another account is noticed.
LIST_TRANSFERS = query(
    """
    query ListTransfers($type: TransferType!, $where: TransfersConnectionFilter, $first: Int!, $after: String) {
      viewer {
        mainAccount {
          publicId
          transfers(type: $type, where: $where, first: $first, after: $after) {
            edges { node { ...TransferFields } }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
    """
    + _FIELDS
)

GET_TRANSFER = query(
    """
    query GetTransfer($id: ID!, $type: TransferType!) {
      viewer { mainAccount { transfer(id: $id, type: $type) { ...TransferFields } } }
    }
    """
    + _FIELDS
)

PAYING_ACCOUNT = query("query PayingAccount { viewer { mainAccount { publicId } } }")

TRANSFER_SUGGESTIONS = query(
    "query TransferSuggestions { viewer { mainAccount { transferSuggestions { iban name } } } }"
)

UNFINISHED_TRANSFERS = query(
    "query UnfinishedTransfers { viewer { unfinishedTransfers { amount recipient iban purpose } } }"
)

TRANSFER_BETWEEN_OWN = query(
    """
    mutation TransferBetweenOwn($input: CreateIntraCustomerTransferInput!) {
      createIntraCustomerTransfer(input: $input) { id amount createdAt recipientIban reference description }
    }
    """
)
