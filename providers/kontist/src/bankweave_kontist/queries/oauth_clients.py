"""OAuth clients of the user's own (section 9), scope clients."""

from __future__ import annotations

from bankweave_kontist.queries.query import query

_CLIENT = "id name redirectUri grantTypes scopes"

LIST_CLIENTS = query(f"query ListClients {{ viewer {{ clients {{ {_CLIENT} }} }} }}")
ONE_CLIENT = query(f"query OneClient($id: String!) {{ viewer {{ client(id: $id) {{ {_CLIENT} }} }} }}")
CREATE_CLIENT = query(
    f"mutation CreateClient($client: CreateClientInput!) {{ createClient(client: $client) {{ {_CLIENT} }} }}"
)
UPDATE_CLIENT = query(
    f"mutation UpdateClient($client: UpdateClientInput!) {{ updateClient(client: $client) {{ {_CLIENT} }} }}"
)
DELETE_CLIENT = query(f"mutation DeleteClient($id: String!) {{ deleteClient(id: $id) {{ {_CLIENT} }} }}")
