"""What -v prints: an event and its fields on one line, and below it where a bug struck."""

from __future__ import annotations

import logging

from bankweave.cli.logs import EventFormatter


def formatted(**fields: object) -> str:
    record = logging.LogRecord("bankweave.adapter", logging.ERROR, "", 0, "adapter_bug", (), None)
    record.__dict__.update(fields)
    return EventFormatter().format(record)


def test_fields_stand_on_one_line_and_steer_no_terminal() -> None:
    line = formatted(adapter="echo", error="KeyError\x1b[31m\nfake line", password="SECRET")

    assert line == "error bankweave.adapter: adapter_bug adapter=echo error=KeyError\\x1b[31m\\nfake line"


def test_where_a_bug_struck_stands_below() -> None:
    trace = ['  File "echo.py", line 1, in open\n    raise KeyError\n']

    assert formatted(trace=trace).splitlines()[1:] == ['  File "echo.py", line 1, in open', "    raise KeyError"]
