"""Tax declarations (section 9)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

_DECLARATION = "id amount period year submissionStatus uploadedAt"
_ROW = "id isSplit amount name purpose valutaDate selectedBookingDate category categoryCode vatCategoryCode vatRate vatAmount"

LIST_DECLARATIONS = query(
    f"""
    query ListDeclarations($type: DeclarationType!) {{
      viewer {{ mainAccount {{ declarations(type: $type) {{ {_DECLARATION} }} }} }}
    }}
    """
)
DECLARATION_STATS = query(
    f"""
    query ReadDeclarationStats($period: String!, $year: Int!) {{
      viewer {{
        mainAccount {{
          declarationStats(period: $period, year: $year) {{
            amount
            categoryGroups {{ amount categoryCode categoryCodeTranslation transactions {{ {_ROW} }} }}
            uncategorized {{ {_ROW} }}
          }}
        }}
      }}
    }}
    """
)
DECLARATION_PDF = query(
    """
    query ReadDeclarationPdfUrl($id: Int!) {
      viewer { mainAccount { declarationPdfUrl(id: $id) } }
    }
    """
)
LIST_SUBMISSIONS = query(
    """
    query ListDeclarationSubmissions($period: String!, $year: Int!) {
      viewer {
        mainAccount {
          vatDeclarationSubmissions(period: $period, year: $year) {
            id period year submittedAt isFinal isSuccessful messages { type text formLineNumber fieldIdentifier }
          }
        }
      }
    }
    """
)
SUBMIT_DECLARATION = query(
    f"""
    mutation SubmitDeclaration($period: String!, $year: Int!) {{
      submitDeclaration(period: $period, year: $year) {{ {_DECLARATION} }}
    }}
    """
)
UPSERT_DECLARATION = query(
    f"""
    mutation UpsertDeclaration($payload: UpsertDeclarationArgs!) {{
      upsertDeclaration(payload: $payload) {{ {_DECLARATION} }}
    }}
    """
)
RESET_DECLARATION = query(
    """
    mutation ResetDeclaration($period: String!, $year: Int!) {
      resetDeclaration(period: $period, year: $year) { success }
    }
    """
)
