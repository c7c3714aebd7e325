"""The person: profile and accounts, addresses, what they told Kontist, the plan they pay for."""
