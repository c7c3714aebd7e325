"""Every GraphQL document that the published SDK sends is one that the sandbox's schema allows."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from graphql import parse, validate

from bankweave_sandbox.kontist.graphql.schema import make_schema

from .sdk_process import SCRIPTS

OPERATIONS = 70  # that release 0.48.4 sends (providers/kontist.md section 12); two methods share a document


def test_the_sandbox_allows_whatever_the_sdk_sends(node_modules: Path) -> None:
    ran = subprocess.run(
        ["node", str(SCRIPTS / "harvest.cjs")],
        env={**os.environ, "NODE_PATH": str(node_modules)},
        check=True,
        capture_output=True,
        timeout=30,
    )
    harvested: dict[str, list[str]] = json.loads(ran.stdout)
    schema = make_schema()
    refused = {
        senders[0]: errors[0].message
        for document, senders in harvested.items()
        if (errors := validate(schema, parse(document)))
    }
    assert refused == {}
    assert len({sender for senders in harvested.values() for sender in senders}) == OPERATIONS
