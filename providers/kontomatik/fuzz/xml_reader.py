"""Fuzz every reader of Kontomatik's XML: whatever comes, it is read or refused with an error of ours, however it is cut.

.venv/bin/pip install -e 'providers/kontomatik[fuzz]'
.venv/bin/python providers/kontomatik/fuzz/xml_reader.py -runs=20000

Arguments are those of libFuzzer. `corpus/` has the seeds, to which new finds are not written. A test runs `read` over the
seeds, without atheris.
"""  # noqa: INP001 - a program, not a module

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from random import Random  # noqa: TID251 - libFuzzer hands over a seed
from typing import Any

IS_FUZZING = __name__ == "__main__"
atheris: Any = import_module("atheris") if IS_FUZZING else None
watched: AbstractContextManager[object] = (
    atheris.instrument_imports(include=["bankweave_kontomatik"]) if IS_FUZZING else nullcontext()
)

with watched:
    from bankweave.adapter import Response
    from bankweave.errors import BankweaveError
    from bankweave_kontomatik import KontomatikSettings, mapping, protocol
    from bankweave_kontomatik.aggregate import AggregateReader
    from bankweave_kontomatik.client.aggregating import read_aggregated
    from bankweave_kontomatik.client.catalog import read_catalog, search_catalog
    from bankweave_kontomatik.kept import Kept
    from bankweave_kontomatik.refusals import failed, refusal
    from bankweave_kontomatik.result import ResultReader

CORPUS = Path(__file__).with_name("corpus")
OWNER = "anna"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SINCE = date(2026, 1, 1)
SETTINGS = KontomatikSettings.model_validate({"api_key": "k"})
PIECES = (1, 7, 64, 4096)
REFUSED = "refused"


def read(body: bytes) -> dict[str, Any]:
    """Read a body with every reader, whole and in pieces; returns what each made of it."""
    size = PIECES[len(body) % len(PIECES)]
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    found = {name: _attempt(reader, [body]) for name, reader in READERS.items()}
    for name in ("import", "aggregated"):
        if _attempt(READERS[name], pieces) != found[name]:
            raise AssertionError(f"{name}: what is read depends on how the answer is cut")
    return found


def _attempt(reader: Callable[[Iterable[bytes]], Any], pieces: Iterable[bytes]) -> Any:
    try:
        return reader(pieces)
    except BankweaveError:
        return REFUSED


def _read_import(pieces: Iterable[bytes]) -> Any:
    reader, kept = ResultReader(), Kept(SINCE)
    for piece in pieces:
        for row in reader.feed(piece):
            kept.take(row)
    result = reader.close()
    kept.seal()
    ids = mapping.identify_accounts(result.accounts)
    accounts = {place: known_as for place, known_as in enumerate(ids) if known_as}
    found = [result.accounts[place] for place in accounts]
    return (
        reader.command,
        [mapping.map_account(account, known_as) for account, known_as in zip(found, accounts.values(), strict=True)],
        [mapping.map_balances(account, "x", NOW) for account in found],
        mapping.map_parties(result.owners, result.accounts, ids),
        list(_rows(kept, accounts, result.accounts)),
    )


def _rows(kept: Kept, accounts: dict[int, str], found: Any) -> Iterator[Any]:
    for place, records in kept.batches():
        for record in records if place in accounts else ():
            yield mapping.map_transaction(record, mapping.currency_of(found[place]))


def _read_aggregated(pieces: Iterable[bytes]) -> Any:
    reader = AggregateReader()
    for piece in pieces:
        reader.feed(piece)
    reader.close()
    found = read_aggregated(reader, OWNER)
    holdings = [
        holding
        for target in found.targets
        for holding in (*target.accounts, *target.credit_cards, *target.deposits, *target.loans)
    ]
    return found.model_dump(), [list(holding.transactions()) for holding in holdings]


def _read_catalog(pieces: Iterable[bytes]) -> Any:
    targets = protocol.read_targets(_answer(pieces))
    banks = read_catalog({"MIXED": targets, "SINGLE": targets}, "pl")
    return banks, search_catalog(banks, "bank"), [mapping.map_target(target) for target in targets]


def _refuse(pieces: Iterable[bytes]) -> Any:
    errors = [refusal(_answer(pieces, status), "start_import") for status in (400, 401, 404, 429, 503)]
    return [(type(error), error.code, failed(error.code)) for error in errors]


def _answer(pieces: Iterable[bytes], status: int = 200) -> Response:
    return Response(status=status, body=b"".join(pieces))


READERS: dict[str, Callable[[Iterable[bytes]], Any]] = {
    "import": _read_import,
    "aggregated": _read_aggregated,
    "catalog": _read_catalog,
    "refusal": _refuse,
    "started": lambda pieces: protocol.read_started(_answer(pieces), OWNER),
    "session": lambda pieces: protocol.read_session(_answer(pieces), OWNER),
    "mock session": lambda pieces: protocol.read_mock_session(_answer(pieces), OWNER),
}


# Fuzzing --------------------------------------------------------------------------------------------------------------

ELEMENT = re.compile(rb"<(\w+)[^<>]*?(?:/>|>[^<]*</\1>|>)")
VALUES = (
    b"",
    b" ",
    b"-0",
    b"1e5",
    b"NaN",
    b"9" * 30,
    b"2026-02-31",
    b"0001-01-01",
    b"\xff",
    b"&lt;",
    b"<x/>",
    b"<!--x-->",
)
NAMES = (
    b"account",
    b"owners",
    b"owner",
    b"target",
    b"moneyTransaction",
    b"deposits",
    b"deposit",
    b"creditCard",
    b"labels",
)


def mutate(body: bytes, max_size: int, seed: int) -> bytes:
    """Change a document by its elements half of the time, else as libFuzzer does: bytes alone seldom leave it readable."""
    chance = Random(seed)  # noqa: S311 - no secret
    found = list(ELEMENT.finditer(body))
    if not found or chance.random() < 0.5:
        return bytes(atheris.Mutate(body, max_size))
    one, other = chance.choice(found), chance.choice(found)
    start, end = one.span()
    name = chance.choice(NAMES)
    changes = (
        body[:start] + body[end:],
        body[:end] + other.group() + body[end:],
        body[:start] + other.group() + body[end:],
        body[:end] + chance.choice(VALUES) + body[end:],
        body[:start] + b"<" + name + b">" + one.group() + b"</" + name + b">" + body[end:],
        body.replace(b">" + chance.choice(VALUES) + b"<", b">" + chance.choice(VALUES) + b"<", 1),
        re.sub(rb"(?<=>)[^<>]+(?=</)", chance.choice(VALUES), body, count=chance.randint(1, 5)),
    )
    return chance.choice(changes)[:max_size]


def main() -> None:
    seeds = ",".join(map(str, sorted(CORPUS.iterdir())))
    atheris.Setup([*sys.argv, f"-seed_inputs={seeds}"], read_quietly, custom_mutator=mutate)
    atheris.Fuzz()


def read_quietly(body: bytes) -> None:
    """What libFuzzer calls: it takes no answer."""
    read(body)


if IS_FUZZING:
    main()
