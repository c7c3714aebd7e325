"""The account and its owner (sections 6.2 and 6.5)."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

# What a sync reads.
MAIN_ACCOUNT = query(
    """
    query MainAccount {
      viewer {
        firstName
        lastName
        mainAccount { publicId iban bic name balance availableBalance }
      }
    }
    """
)

ACCOUNT = query(
    """
    query Account {
      viewer {
        mainAccount {
          publicId iban bic name icon balance availableBalance createdAt canCreateOverdraft hasPendingCardFraudCase
        }
      }
    }
    """
)

STATISTICS = query(
    """
    query Statistics {
      viewer {
        mainAccount {
          stats {
            accountBalance main yours unknown vatAmount vatTotal vatMissing
            taxCurrentYearAmount taxPastYearsAmount taxTotal taxMissing
          }
        }
      }
    }
    """
)

_BALANCE = "{ value currency unit }"
SOLARIS_BALANCE = query(
    f"""
    query SolarisBalance {{
      viewer {{
        mainAccount {{
          solarisBalance {{
            balance {_BALANCE}
            availableBalance {_BALANCE}
            seizureProtection {{
              currentBlockedAmount {_BALANCE}
              protectedAmount {_BALANCE}
              protectedAmountExpiring {_BALANCE}
              protectedAmountExpiringDate
            }}
          }}
        }}
      }}
    }}
    """
)

SUB_ACCOUNTS = query("query SubAccounts { getSubAccounts { publicId name icon iban balance status createdAt } }")

IBAN_INFORMATION = query(
    """
    query IbanInformation($iban: String!) {
      getIBANInformation(iban: $iban) { bankName bic isSepaInstantTransferAvailable }
    }
    """
)

SYSTEM_STATUS = query("query SystemStatus { status { type message } }")

# Without the fields that the newest schema no longer has (section 11, gotcha 1).
PROFILE = query(
    """
    query Profile {
      viewer {
        publicId createdAt accountState language
        firstName lastName gender birthDate birthPlace nationality isUSPerson
        email mobileNumber untrustedPhoneNumber street postCode city country
        companyType businessPurpose businessTradingName websiteSocialMedia
      }
    }
    """
)
