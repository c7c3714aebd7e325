"""Payments that the person writes in, and drafts of such (section 6.4)."""

from __future__ import annotations

from bankweave_kontist.queries.assets import ASSET_FIELDS, UPLOAD_FIELDS
from bankweave_kontist.queries.query import query
from bankweave_kontist.queries.transactions import DETAIL_FIELDS

_DRAFT = f"""
  id amount name description note paymentDate isCashTransaction categoryCode vatCategoryCode vatRate
  assets {{ {ASSET_FIELDS} }}
"""

LIST_DRAFTS = query(f"query ListDrafts {{ draftTransactions {{ {_DRAFT} }} }}")
CREATE_DRAFT = query(
    f"""
    mutation CreateDraft($fileName: String!) {{
      createDraftTransaction(fileName: $fileName) {{ id assetData {{ {UPLOAD_FIELDS} }} }}
    }}
    """
)
FINALIZE_DRAFT_RECEIPT = query(
    "mutation FinalizeDraftReceipt($assetId: ID!) { finalizeAssetUpload(assetId: $assetId) { id } }"
)
UPDATE_DRAFT = query(
    f"""
    mutation UpdateDraft($payload: UpdateDraftTransactionInput!) {{
      updateDraftTransaction(payload: $payload) {{ {_DRAFT} }}
    }}
    """
)
DELETE_DRAFT = query("mutation DeleteDraft($id: String!) { deleteDraftTransaction(id: $id) { success } }")
WRITE_EXTERNAL = query(
    f"""
    mutation WriteExternalTransaction($payload: UserExternalTransactionInput!) {{
      updateExternalTransaction(payload: $payload) {{ {DETAIL_FIELDS} }}
    }}
    """
)
DELETE_EXTERNAL = query(
    "mutation DeleteExternalTransaction($id: String!) { deleteExternalTransaction(id: $id) { success } }"
)
