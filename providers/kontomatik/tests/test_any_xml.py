"""Documents that are nearly right: cut between any two elements, bloated, in other encodings, with elements in odd places."""

from __future__ import annotations

import importlib.util
import re
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankweave.errors import BankweaveError, MalformedAnswer
from bankweave_kontomatik.document import parse

from . import payloads
from .payloads import IBAN, Made, row

FUZZER = Path(__file__).parents[1] / "fuzz" / "xml_reader.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kontomatik_fuzzer", FUZZER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FUZZ = _load()
SEEDS = sorted(FUZZ.CORPUS.iterdir())
IMPORT, AGGREGATED = ((FUZZ.CORPUS / f"{name}.xml").read_bytes() for name in ("import", "aggregated"))
TAGS = re.compile(rb"<[^<>]+>")


def read(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = FUZZ.read(body)
    return found


# Seeds ----------------------------------------------------------------------------------------------------------------

READ = {
    "import": {"import", "import_empty", "import_running", "import_failed", "cdata", "utf16", "started"},
    "aggregated": {"aggregated"},
    "session": {"session", "mock_session"},
    "mock session": {"session", "mock_session"},
}


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_the_fuzzers_seeds_are_read_by_who_shall_read_them(seed: Path) -> None:
    found = read(seed.read_bytes())
    for reader, seeds in READ.items():
        assert (found[reader] != FUZZ.REFUSED) == (seed.stem in seeds), reader


def test_the_seeds_reach_accounts_cards_deposits_and_rows() -> None:
    _, accounts, _, parties, rows = read(IMPORT)["import"]
    assert {account.type.value for account in accounts} == {"unknown", "card", "savings", "loan"}
    assert (len(parties) > 1, len(rows) > 3) == (True, True)
    (_, rows_of_holdings) = read(AGGREGATED)["aggregated"]
    assert [len(rows) for rows in rows_of_holdings if rows] == [3, 1, 1, 1, 3, 1, 1]


# Structure ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "body"), [("import", IMPORT), ("aggregated", AGGREGATED)])
def test_a_document_cut_between_any_two_elements_is_refused(name: str, body: bytes) -> None:
    reader = FUZZ.READERS[name]
    ends = [tag.end() for tag in TAGS.finditer(body)]
    assert len(ends) > 100
    for end in ends[:-1]:
        with pytest.raises(MalformedAnswer):
            reader([body[:end]])
    assert reader([body])


ELEMENTS = re.compile(rb"<(\w+)[^<>]*>[^<]*</\1>")
PLACES = [tag.end() for tag in TAGS.finditer(IMPORT)]
PIECES = [
    *sorted({found.group() for found in ELEMENTS.finditer(IMPORT + AGGREGATED)}),
    row().encode(),
    str(Made()).encode(),
    f"<creditCards>{Made(tag='creditCard')}</creditCards>".encode(),
    b"<owner externalId='anna'/>",
    b"<target name='x'/>",
    b"<command id='1' state='error'/>",
    b"<![CDATA[<account>]]>",
    b"<!-- account -->",
    b"<?account?>",
    b"&lt;&#65;&amp;",
    b"&unknown;",
    b"&#0;",
    b"\xff",
]


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(PIECES)), min_size=1, max_size=4))
def test_anything_anywhere_is_read_or_refused_however_it_is_cut(added: list[tuple[int, bytes]]) -> None:
    body = IMPORT
    for place, piece in sorted(added, reverse=True):
        body = body[:place] + piece + body[place:]
    read(body)


@settings(max_examples=100)
@given(
    st.sampled_from(sorted(set(re.findall(rb"<(\w+)", IMPORT)))),
    st.text(st.characters(codec="utf-8", exclude_characters="<&\x00"), max_size=30),
)
def test_any_text_in_any_element_is_read_or_refused(tag: bytes, text: str) -> None:
    pattern = re.compile(rb"(<" + tag + rb"(?:\s[^<>]*)?>)[^<]*(</" + tag + rb">)")
    read(pattern.sub(lambda found: found[1] + text.encode() + found[2], IMPORT))


TITLE = "Zażółć gęślą jaźń"


def declaring(encoding: str) -> str:
    text = payloads.result(Made(rows=(row(title=TITLE),)))
    return text.replace('encoding="utf-8"', f'encoding="{encoding}"')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-2", "windows-1250"])
def test_other_encodings_are_read(encoding: str) -> None:
    found = read(declaring(encoding).encode(encoding))["import"]
    assert found[-1][0].remittance_information == (TITLE,)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("iso-8859-2", "utf-8"),
        ("windows-1250", "utf-8"),
        ("utf-8", "klingon"),
        ("utf-32", "utf-8"),
    ],
)
def test_what_is_in_another_encoding_than_it_says_is_refused(encoding: str, declared: str) -> None:
    assert read(declaring(declared).encode(encoding))["import"] == FUZZ.REFUSED


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "utf-16"), ("utf-8-sig", "iso-8859-2"), ("utf-16", "windows-1250"), ("utf-16-le", "ascii")],
)
def test_a_wrong_declaration_does_not_change_what_is_read(encoding: str, declared: str) -> None:
    found = read(declaring(declared).encode(encoding))["import"]
    assert found == FUZZ.REFUSED or found[-1][0].remittance_information == (TITLE,)


def test_a_text_is_taken_from_cdata_as_it_is() -> None:
    body = payloads.result(Made(rows=(row(title=None, inner="<title><![CDATA[a < b & <c/>]]></title>"),)))
    assert read(body.encode())["import"][-1][0].remittance_information == ("a < b & <c/>",)


def test_a_huge_text_is_refused_and_a_long_one_is_read() -> None:
    for size, is_read in ((100_000, True), (11_000_000, False)):
        body = payloads.result(Made(rows=(row(title="x" * size),))).encode()
        reader = FUZZ.READERS["import"]
        if is_read:
            assert len(reader([body])[-1][0].remittance_information[0]) == size
        else:
            with pytest.raises(MalformedAnswer):
                reader([body])


@pytest.mark.parametrize("tag", ["account", "owner", "moneyTransaction", "labels", "x"])
def test_depth_is_bounded(tag: str) -> None:
    deep = f"<{tag}>" * 300 + f"</{tag}>" * 300
    for body in (
        payloads.reply(deep),
        payloads.result(Made(inner=deep)),
        payloads.result(Made(rows=(row(inner=deep),))),
    ):
        found = read(body.encode())
        assert {found["import"], found["aggregated"]} == {FUZZ.REFUSED}
        with pytest.raises(MalformedAnswer):
            parse(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        payloads.result(Made(rows=(row(inner=row()),))),
        payloads.result(Made(), people=f"<accounts>{row()}</accounts>"),
        payloads.result(Made(inner=str(Made()))),
        payloads.result(Made(), Made(texts={"iban": f" {IBAN[:4]} {IBAN[4:]} "})),
        payloads.command("successful") + payloads.command("successful"),
        payloads.command("successful").replace("</reply>", '<command id="2" state="error"/></reply>'),
    ],
)
def test_what_stands_where_it_does_not_belong_or_twice_is_refused(body: str) -> None:
    reader = FUZZ.READERS["import"]
    with suppress(BankweaveError):
        found = reader([body.encode()])
        assert len(found[1]) == 1, "an account inside an account is not one"
        assert found[-1] == []
