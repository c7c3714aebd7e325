"""Transactions (section 6.4)."""

from __future__ import annotations

from bankweave_kontist.queries.assets import ASSET_FIELDS
from bankweave_kontist.queries.query import query

# What a sync reads. `publicId` comes along so that an answer about another account is noticed.
TRANSACTIONS = query(
    """
    query Transactions($first: Int!, $after: String, $filter: TransactionFilter) {
      viewer {
        mainAccount {
          publicId
          transactions(first: $first, after: $after, filter: $filter) {
            edges {
              node {
                id amount name iban type bookingDate valutaDate purpose e2eId mandateNumber
                category categoryCode merchantCategoryCode originalAmount foreignCurrency
                paymentMethod fees { status unitAmount }
              }
            }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
    """
)

# What the client's `Transaction` is made from. Lists leave out what only its details have, as the vendor's own SDK does.
LIST_FIELDS = """
  id amount name iban type bookingDate valutaDate createdAt paymentMethod purpose e2eId mandateNumber personalNote
  category categoryCode vatCategoryCode vatRate categorizationType userSelectedBookingDate canBeRecategorized source
  originalAmount foreignCurrency merchantCategoryCode merchantCountryCode hasAssets
  fees { type status unitAmount usedAt }
  splits { id uuid amount category categoryCode vatCategoryCode vatRate categorizationType userSelectedBookingDate }
"""
DETAIL_FIELDS = f"""{LIST_FIELDS}
  documentNumber documentType documentPreviewUrl documentDownloadUrl
  assets {{ {ASSET_FIELDS} }}
"""

TRANSACTION_PAGE = query(
    f"""
    query TransactionPage(
      $first: Int, $last: Int, $after: String, $before: String, $filter: TransactionFilter, $preset: FilterPresetInput
    ) {{
      viewer {{
        mainAccount {{
          transactions(
            first: $first, last: $last, after: $after, before: $before, filter: $filter, preset: $preset
          ) {{
            edges {{ cursor node {{ {LIST_FIELDS} }} }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
          }}
        }}
      }}
    }}
    """
)

# Of any account, sub-accounts included; new in the SDK's 0.52.9, without presets.
ACCOUNT_TRANSACTION_PAGE = query(
    f"""
    query AccountTransactionPage(
      $first: Int, $last: Int, $after: String, $before: String, $filter: TransactionFilter, $publicId: String
    ) {{
      transactions(
        first: $first, last: $last, after: $after, before: $before, filter: $filter, publicId: $publicId
      ) {{
        edges {{ cursor node {{ {LIST_FIELDS} }} }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
      }}
    }}
    """
)

ONE_TRANSACTION = query(
    f"""
    query OneTransaction($id: ID!) {{
      viewer {{ mainAccount {{ transaction(id: $id) {{ {DETAIL_FIELDS} }} }} }}
    }}
    """
)

TRANSACTION_PRESETS = query(
    """
    query TransactionPresets {
      viewer {
        mainAccount {
          transactionFilterPresets {
            value
            ... on MissingTaxAssetsFilterPreset { year }
            ... on InsightsFilterPreset { insightPresetType insightWithPrivateTransactions }
          }
        }
      }
    }
    """
)

TRANSACTIONS_CSV = query(
    """
    query TransactionsCsv($from: DateTime, $to: DateTime) {
      viewer { mainAccount { transactionsCSV(from: $from, to: $to) } }
    }
    """
)

# `id` is a String! here and an ID! elsewhere (section 11, gotcha 17).
UPDATE_TRANSACTION = query(
    f"""
    mutation UpdateTransaction(
      $id: String!, $category: TransactionCategory, $userSelectedBookingDate: DateTime, $personalNote: String,
      $vatRate: VatRate, $categoryCode: String, $vatCategoryCode: String, $splits: [TransactionSplitInput!]
    ) {{
      updateTransaction(
        id: $id, category: $category, userSelectedBookingDate: $userSelectedBookingDate, personalNote: $personalNote,
        vatRate: $vatRate, categoryCode: $categoryCode, vatCategoryCode: $vatCategoryCode, splits: $splits
      ) {{ {DETAIL_FIELDS} }}
    }}
    """
)

CREATE_SPLITS = query(
    f"""
    mutation CreateSplits($transactionId: ID!, $splits: [CreateTransactionSplitsInput!]!) {{
      createTransactionSplits(transactionId: $transactionId, splits: $splits) {{ {DETAIL_FIELDS} }}
    }}
    """
)

UPDATE_SPLITS = query(
    f"""
    mutation UpdateSplits($transactionId: ID!, $splits: [UpdateTransactionSplitsInput!]!) {{
      updateTransactionSplits(transactionId: $transactionId, splits: $splits) {{ {DETAIL_FIELDS} }}
    }}
    """
)

DELETE_SPLITS = query(
    f"""
    mutation DeleteSplits($transactionId: ID!) {{
      deleteTransactionSplits(transactionId: $transactionId) {{ {DETAIL_FIELDS} }}
    }}
    """
)

CATEGORIZE_FOR_DECLARATION = query(
    """
    mutation CategorizeForDeclaration(
      $id: ID!, $category: TransactionCategory, $categoryCode: String, $vatCategoryCode: String, $date: String,
      $isSplit: Boolean
    ) {
      categorizeTransactionForDeclaration(
        id: $id, category: $category, categoryCode: $categoryCode, vatCategoryCode: $vatCategoryCode, date: $date,
        isSplit: $isSplit
      ) { category categoryCode vatCategoryCode date }
    }
    """
)
