"""XML that wants to do harm."""

from __future__ import annotations

import tracemalloc

import pytest

from bankweave.errors import MalformedAnswer
from bankweave_kontomatik.aggregate import AggregateReader
from bankweave_kontomatik.document import parse
from bankweave_kontomatik.kept import Kept
from bankweave_kontomatik.result import ResultReader

from . import payloads
from .payloads import Made, row

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HARMFUL = [
    "<!DOCTYPE reply><reply/>",
    '<!DOCTYPE reply SYSTEM "file:///etc/passwd"><reply/>',
    '<!DOCTYPE reply [<!ENTITY a SYSTEM "file:///etc/hostname">]><reply>&a;</reply>',
    f'<!DOCTYPE reply [<!ENTITY l0 "ha">{LAUGHS}]><reply>&l9;</reply>',
    f'<!DOCTYPE reply [<!ENTITY l0 "ha">{LAUGHS}]><reply status="&l9;"/>',
    f"<reply>{'<a>' * 300}{'</a>' * 300}</reply>",
    "<reply>&unknown;</reply>",
    "<reply/><reply/>",
    "<reply",
    "",
    "junk",
]


def read_bytewise(document: str) -> None:
    reader = ResultReader()
    for byte in document.encode():
        list(reader.feed(bytes([byte])))
    reader.close()


@pytest.mark.parametrize("document", HARMFUL)
def test_harmful_documents_are_refused_whole(document: str) -> None:
    with pytest.raises(MalformedAnswer):
        parse(document.encode())


@pytest.mark.parametrize("document", HARMFUL)
def test_harmful_documents_are_refused_piece_by_piece(document: str) -> None:
    with pytest.raises(MalformedAnswer):
        read_bytewise(document)


def test_a_doctype_is_refused_before_a_row_comes_out() -> None:
    reader = ResultReader()
    document = "<!DOCTYPE reply>" + payloads.result(Made(rows=(row(),))).partition("?>")[2].lstrip()
    with pytest.raises(MalformedAnswer, match="DOCTYPE"):
        list(reader.feed(document.encode()))


def test_other_encodings_are_read_and_comments_passed_over() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><reply><!-- not this --><exception name="X"/></reply>'
    found = parse(text.encode("utf-16")).find("exception")
    assert found.get("name") == "X"


def test_memory_does_not_grow_with_the_document() -> None:
    reader = ResultReader()
    head, _, tail = payloads.result(Made(rows=("|",))).partition("|")
    list(reader.feed(head.encode()))
    piece = row().encode() * 200
    tracemalloc.start()
    for _ in range(100):
        assert sum(1 for _ in reader.feed(piece)) == 200
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    list(reader.feed(tail.encode()))
    assert len(reader.close().accounts) == 1
    assert reader._holdings._open is None
    assert peak < 2 * 1024 * 1024


def test_aggregated_data_are_small_while_they_are_read_and_after() -> None:
    reader = AggregateReader()
    made = str(Made(rows=("|",)))
    head, _, tail = payloads.reply(f'<owner><target name="x"><accounts>{made}</accounts></target></owner>').partition(
        "|"
    )
    reader.feed(head.encode())
    pieces = 100
    tracemalloc.start()
    for number in range(pieces):
        reader.feed("".join(row(f"-{number}.{cents:02}") for cents in range(100)).encode() * 2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reader.feed(tail.encode())
    reader.close()
    rows = reader.banks[0].rows
    assert sum(1 for _ in rows.of(0)) == pieces * 200
    assert peak < 2 * 1024 * 1024


def test_what_is_kept_is_small_and_handed_out_once() -> None:
    kept, count = Kept(None), 20_000
    document = payloads.result(Made(rows=tuple(row(f"-{number}.00") for number in range(count)))).encode()
    for found in ResultReader().feed(document):
        kept.take(found)
    kept.seal()
    assert sum(len(packed) for _, packed in kept._batches) < len(document) / 20
    batches = list(kept.batches())
    assert [record["currencyAmount"] for _, records in batches for record in records] == [
        f"-{number}.00" for number in range(count)
    ]
    assert max(len(records) for _, records in batches) == 500
    assert list(kept.batches()) == []
