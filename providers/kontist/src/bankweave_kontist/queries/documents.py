"""Documents, statements among them, and receipts that came by mail (section 9)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

_CATEGORY = "id categoryName folderName"
_DOCUMENT = f"id name type url downloadUrl note createdAt metadata {{ category {{ {_CATEGORY} }} }}"
_MAIL = """
  id filename url createdAt amount currency date documentNumber iban name matchStatus transactionId matches { id }
"""

LIST_DOCUMENTS = query(
    f"""
    query ListDocuments($categoryIds: [String!], $year: Int) {{
      viewer {{ documents(categoryIds: $categoryIds, year: $year) {{ {_DOCUMENT} }} }}
    }}
    """
)
LIST_CATEGORIES = query(
    f"""
    query ListDocumentCategories($categoryNames: [String!]) {{
      viewer {{ documentCategories(categoryNames: $categoryNames) {{ {_CATEGORY} }} }}
    }}
    """
)
UPDATE_DOCUMENT = query(
    f"""
    mutation UpdateDocument($id: ID!, $name: String, $metadata: UpdateDocumentMetadata) {{
      updateDocument(id: $id, name: $name, metadata: $metadata) {{ {_DOCUMENT} }}
    }}
    """
)
DELETE_DOCUMENT = query("mutation DeleteDocument($id: ID!) { deleteDocument(id: $id) { success } }")

# `filterByUnmatched` is always passed: the vendor's SDK declares it as required (section 9).
LIST_MAIL = query(
    f"""
    query ListEmailDocuments($uploadSources: [DocumentUploadSource!], $filterByUnmatched: Boolean!) {{
      viewer {{
        emailDocuments(uploadSources: $uploadSources, filterByUnmatched: $filterByUnmatched) {{ {_MAIL} }}
      }}
    }}
    """
)
ONE_MAIL = query(f"query OneEmailDocument($id: String!) {{ viewer {{ emailDocument(id: $id) {{ {_MAIL} }} }} }}")
MATCH_MAIL = query(
    """
    mutation MatchEmailDocument($emailDocumentId: ID!, $transactionId: ID!) {
      matchEmailDocumentToTransaction(emailDocumentId: $emailDocumentId, transactionId: $transactionId) { success }
    }
    """
)
DELETE_MAIL = query("mutation DeleteEmailDocument($id: ID!) { deleteEmailDocument(id: $id) { success } }")
