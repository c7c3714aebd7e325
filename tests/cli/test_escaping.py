"""What banks write must not steer the terminal, nor break the JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bankweave.cli.escaping import safe, safe_json

from .conftest import CommandLine
from .fakebank import Script, booked

EVIL = "\x1b[31mred\x1b]0;title\x07 \x9b2J back\rover \u202eesrever \u2066x\u2028y"


def test_ordinary_texts_stay_as_they_are() -> None:
    text = "Kaffeehaus Müßig – 4,20 € 🍕 <3 'Ž' 東京 👩‍🚀"
    assert safe(text) == text


def test_what_steers_a_terminal_is_written_out() -> None:
    assert safe("\x1b[31mred") == "\\x1b[31mred"
    assert safe("a\nb\tc") == "a\\nb\\tc"
    assert safe("\u202eesrever") == "\\u202eesrever"


def test_unusual_blanks_become_plain_ones() -> None:
    assert safe("1\u00a0000\u202f000\u2003x") == "1 000 000 x"


@given(st.text())
def test_nothing_unprintable_is_left_but_what_joins_emoji(text: str) -> None:
    assert safe(text).replace("\u200d", "").isprintable()


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_json_means_the_same_after_escaping(text: str) -> None:
    escaped = safe_json(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(escaped) == {"text": text}
    assert not any(character in escaped for character in "\x1b\x7f\x9b\u202e\u2066\u2028")


def test_no_command_hands_control_characters_of_a_bank_to_the_terminal(run: CommandLine, script: Script) -> None:
    script.rows = [booked("-1", EVIL, counterparty_name=EVIL)]
    run.connect(owner=EVIL)
    shown = [run("sync"), run("transactions"), run("connections"), run("accounts"), run("changes"), run("flows")]
    for result in shown:
        assert result.exit_code == 0
        assert not set(result.output) & set("\x1b\x07\x9b\r\u202e\u2066\u2028")
    assert "\\x1b[31mred" in shown[1].stdout


def test_json_holds_the_text_as_the_bank_wrote_it(run: CommandLine, script: Script) -> None:
    script.rows = [booked("-1", EVIL)]
    run.connect()
    run("sync")
    line = run("transactions", "--json").stdout
    assert json.loads(line)["remittance_information"] == [EVIL]
    assert not set(line) & set("\x1b\x07\x9b\r\u202e\u2066\u2028")


def test_square_brackets_are_text_and_not_markup(run: CommandLine, script: Script) -> None:
    script.rows = [booked("-1", "[bold red]x[/] [link=https://evil.example]y[/link] :smile:")]
    run.connect()
    run("sync")
    assert "[bold red]x[/] [link=https://evil.example]y[/link] :smile:" in run("transactions").stdout
