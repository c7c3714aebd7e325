"""Cards: ordered, activated, limited, charged; their PINs, numbers and wallets."""
