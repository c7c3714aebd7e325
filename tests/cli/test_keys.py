"""`rotate-keys`: the old key can be taken away afterwards."""

from __future__ import annotations

import json

from bankweave.vault import generate_key

from .conftest import CommandLine


def test_every_secret_comes_under_the_new_key(run: CommandLine) -> None:
    run.connect()
    key_file = run.store.with_name("bank.db.key")
    new = generate_key()
    key_file.write_text(f"{new}\n{key_file.read_text()}")

    assert json.loads(run("rotate-keys", "--json").stdout) == {"rotated": 1}
    key_file.write_text(new)

    assert "all 1 can be opened" in run("doctor").output
    assert "0 secrets" in run("rotate-keys").output
