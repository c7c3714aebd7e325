"""The library's log on standard error: an event and its fields, one line each."""

from __future__ import annotations

import logging

from bankweave.cli.escaping import safe

_FIELDS = (
    "adapter",
    "operation",
    "connection_id",
    "account_id",
    "flow_id",
    "status",
    "step",
    "error",
    "attempt",
    "seconds",
    "count",
)


class EventFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = [f"{name}={getattr(record, name)}" for name in _FIELDS if hasattr(record, name)]
        line = safe(" ".join([f"{record.levelname.lower()} {record.name}: {record.getMessage()}", *fields]))
        trace = "".join(getattr(record, "trace", ()))  # where a bug struck, without its text
        below = self.formatException(record.exc_info) if record.exc_info else trace.rstrip()
        return f"{line}\n{below}" if below else line


def log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(EventFormatter())
    log = logging.getLogger("bankweave")
    log.handlers[:] = [handler]
    log.setLevel(logging.DEBUG)
    log.propagate = False


def silence() -> None:
    """Keep warnings off the terminal: what a person has to know, the command says itself."""
    log = logging.getLogger("bankweave")
    log.handlers[:] = [logging.NullHandler()]
    log.setLevel(logging.NOTSET)
    log.propagate = True
