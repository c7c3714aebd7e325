"""Receipts that belong to a transaction (section 6.4): registered, uploaded elsewhere, finished."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

CREATE_ASSET = query(
    """
    mutation CreateAsset($transactionId: ID!, $name: String!, $filetype: String!) {
      createTransactionAsset(transactionId: $transactionId, name: $name, filetype: $filetype) {
        assetId url formData { key value }
      }
    }
    """
)

FINALIZE_ASSET = query(
    """
    mutation FinalizeAsset($assetId: ID!) {
      finalizeTransactionAssetUpload(assetId: $assetId) { id name filetype path thumbnail fullsize assetableId }
    }
    """
)

DELETE_ASSET = query(
    """
    mutation DeleteAsset($assetId: ID!) {
      deleteTransactionAsset(assetId: $assetId) { success }
    }
    """
)
