"""Receipts that belong to a transaction (section 6.4): registered, uploaded elsewhere, finished."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

ASSET_FIELDS = "id name filetype path thumbnail fullsize assetableId"
UPLOAD_FIELDS = "assetId url formData { key value }"

CREATE_ASSET = query(
    f"""
    mutation CreateAsset($transactionId: ID!, $name: String!, $filetype: String!) {{
      createTransactionAsset(transactionId: $transactionId, name: $name, filetype: $filetype) {{ {UPLOAD_FIELDS} }}
    }}
    """
)

FINALIZE_ASSET = query(
    f"""
    mutation FinalizeAsset($assetId: ID!) {{
      finalizeTransactionAssetUpload(assetId: $assetId) {{ {ASSET_FIELDS} }}
    }}
    """
)

DELETE_ASSET = query(
    """
    mutation DeleteAsset($assetId: ID!) {
      deleteTransactionAsset(assetId: $assetId) { success }
    }
    """
)
