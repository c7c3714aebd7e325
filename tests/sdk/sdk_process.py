"""The published SDK in a process of its own, called from Python."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).with_name("scripts")
_LONGEST = 10.0  # seconds that an answer may take
_OVER = object()


class SdkError(Exception):
    """The SDK threw. `classes` are those of its error classes that the error is an instance of."""

    def __init__(self, thrown: Mapping[str, Any]) -> None:
        super().__init__(thrown.get("message"))
        self.name: str = thrown["name"]
        self.message: str = thrown["message"]
        self.status: int | None = thrown.get("status")
        self.type: str | None = thrown.get("type")
        self.code: str | None = thrown.get("code")
        self.classes: set[str] = set(thrown["classes"])


@dataclass(frozen=True)
class Call:
    """A call under way."""

    answers: queue.Queue[Any]

    def result(self, timeout: float = _LONGEST) -> Any:
        answer = self.answers.get(timeout=timeout)
        assert answer is not _OVER, "the SDK's process ended"
        if "error" in answer:
            raise SdkError(answer["error"])
        return answer["value"]


class SdkProcess:
    """A process with one client of the SDK at a time. Its methods are called by their path: `call("models.account.get")`."""

    def __init__(self, node_modules: Path) -> None:
        self._has_subscribed = False
        self._last_call = 0
        self._calls: dict[int, queue.Queue[Any]] = {}
        self._events: dict[str, queue.Queue[Any]] = {}
        self._lock = threading.Lock()

        command = ["node", str(SCRIPTS / "drive.cjs")]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "NODE_PATH": str(node_modules)},
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def begin(self, **options: Any) -> None:
        """Make a new client, in the place of the one before."""
        self.call("own.begin", options)

    @property
    def is_reusable(self) -> bool:
        """Tell whether nothing of the client goes on: a subscription never quite ends, for the SDK reconnects."""
        return not (self._has_subscribed or self._calls)

    def call(self, path: str, *args: Any) -> Any:
        """Call a method, or read a value, and wait for what it gives."""
        return self.start(path, *args).result()

    def start(self, path: str, *args: Any) -> Call:
        """Call a method and go on."""
        assert self._process.stdin is not None
        self._last_call += 1
        number = self._last_call
        answers = self._calls[number] = queue.Queue()
        self._has_subscribed |= path.endswith("subscribe")
        self._process.stdin.write(json.dumps({"id": number, "path": path, "args": args}) + "\n")
        self._process.stdin.flush()
        return Call(answers)

    def next_event(self, name: str, timeout: float = _LONGEST) -> Any:
        """Wait for the next call of a function that was given as `callback(name)`."""
        return self._queue_of(name).get(timeout=timeout)

    def has_event(self, name: str) -> bool:
        return not self._queue_of(name).empty()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "event" in said:
                self._queue_of(said["event"]).put(said.get("value"))
            else:
                self._calls.pop(said["id"]).put(said)
        for waiting in list(self._calls.values()):
            waiting.put(_OVER)

    def _queue_of(self, event: str) -> queue.Queue[Any]:
        with self._lock:
            return self._events.setdefault(event, queue.Queue())


def callback(name: str) -> dict[str, str]:
    """Stand for a function whose calls arrive as events of this name, for `next_event`."""
    return {"$": name}
