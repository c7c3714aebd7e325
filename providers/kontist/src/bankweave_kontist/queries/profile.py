"""The user: names for mail, confirmations, tax numbers, addresses, plans (section 9)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

CREATE_EMAIL_ALIAS = query(
    """
    mutation CreateEmailAlias($alias: String!, $hash: String!) {
      createUserEmailAlias(alias: $alias, hash: $hash) { success }
    }
    """
)
CONFIRM_USER = query(
    """
    mutation ConfirmUser($confirmation: UserConfirmation!, $year: Int) {
      userConfirmation(confirmation: $confirmation, year: $year) { success }
    }
    """
)

# Without `modificationDate`: the vendor's SDK asks for it, and no published schema has it (section 9).
_TAX_NUMBER = "id taxNumber type description isMainBusinessTaxNumber validFrom deletedAt"
LIST_TAX_NUMBERS = query(f"query ListTaxNumbers {{ viewer {{ taxNumbers {{ {_TAX_NUMBER} }} }} }}")
CREATE_TAX_NUMBER = query(
    f"""
    mutation CreateTaxNumber($payload: CreateTaxNumberInput!) {{
      createTaxNumber(payload: $payload) {{ {_TAX_NUMBER} }}
    }}
    """
)
UPDATE_TAX_NUMBER = query(
    f"""
    mutation UpdateTaxNumber($id: ID!, $payload: UpdateTaxNumberInput!) {{
      updateTaxNumber(id: $id, payload: $payload) {{ {_TAX_NUMBER} }}
    }}
    """
)
DELETE_TAX_NUMBER = query("mutation DeleteTaxNumber($id: ID!) { deleteTaxNumber(id: $id) { success } }")

_ADDRESS = "id street postCode city movingDate deletedAt"
LIST_ADDRESSES = query(f"query ListBusinessAddresses {{ viewer {{ businessAddresses {{ {_ADDRESS} }} }} }}")
LAST_ADDRESS = query(f"query ReadLastBusinessAddress {{ viewer {{ lastBusinessAddress {{ {_ADDRESS} }} }} }}")
CREATE_ADDRESS = query(
    f"""
    mutation CreateBusinessAddress($payload: CreateBusinessAddressInput!) {{
      createBusinessAddress(payload: $payload) {{ {_ADDRESS} }}
    }}
    """
)

LIST_PLANS = query(
    """
    query ListPlans($couponCode: String) {
      viewer {
        subscriptionPlans(couponCode: $couponCode) {
          couponCode couponValidFor
          plans { type subtitle fee { amount fullAmount discountAmount discountPercentage } }
        }
      }
    }
    """
)
LIST_PURCHASES = query("query ListPurchases { viewer { subscriptions { type state } } }")
SUBSCRIBE_TO_PLAN = query(
    """
    mutation SubscribeToPlan($type: PurchaseType!, $couponCode: String) {
      subscribeToPlan(type: $type, couponCode: $couponCode) { type state }
    }
    """
)
CHANGE_PLAN = query(
    """
    mutation ChangePlan($newPlan: PurchaseType!, $couponCode: String) {
      updateSubscriptionPlan(newPlan: $newPlan, couponCode: $couponCode) {
        newPlan previousPlans updateActiveAt hasOrderedPhysicalCard hasCanceledDowngrade couponCode
      }
    }
    """
)
