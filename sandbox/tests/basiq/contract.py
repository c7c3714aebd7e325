"""Hold answers against the vendor's specification, where that lies beside the repository."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema

SPECIFICATION = Path(__file__).parents[4] / "shared" / "specs" / "basiq-v3.openapi.json"

# Answers that the newer pages of the documents tell of, and the specification does not list (section 7.2 of the notes).
_UNLISTED = {
    (200, "POST", "/users/{userId}/connections/{connectionId}/refresh"),  # a job that runs already (section 3.1)
}
_UNLISTED_CODES = {
    (400, "resource-not-found"),
    (401, "access-denied"),
    (401, "unauthorised-access"),
    (403, "Forbidden access"),
    (403, "request-not-valid"),
    (404, "parameter-not-valid"),
}
_UNLISTED_STATUSES = {401, 403, 415, 429}


@dataclass(frozen=True)
class Contract:
    paths: dict[str, Any]
    components: dict[str, Any]

    def check(self, response: httpx.Response) -> None:
        """Fail unless the specification allows the answer; what it does not describe passes."""
        method, path = response.request.method, response.request.url.path
        template = self._template(path)
        operation = self.paths.get(template or "", {}).get(method.lower())
        if template is None or operation is None or (response.status_code, method, template) in _UNLISTED:
            return
        described = operation["responses"].get(str(response.status_code))
        if described is None:
            assert response.status_code in _UNLISTED_STATUSES, (
                f"{method} {template} does not answer {response.status_code}"
            )
            return
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            assert response.content == b"", f"{method} {template} answers {response.status_code} without a body"
            return
        self._check_body(schema, response)

    def _check_body(self, schema: dict[str, Any], response: httpx.Response) -> None:
        body = response.json()
        if response.status_code >= 400 and (response.status_code, body["data"][0]["code"]) in _UNLISTED_CODES:
            return
        jsonschema.Draft202012Validator({**schema, "components": self.components}).validate(body)

    def _template(self, path: str) -> str | None:
        fixed_first = sorted(self.paths, key=lambda template: template.count("{"))
        return next((template for template in fixed_first if _pattern(template).fullmatch(path)), None)


@cache
def load_contract() -> Contract | None:
    if not SPECIFICATION.exists():
        return None
    specification = _with_nulls(json.loads(SPECIFICATION.read_text()))
    return Contract(specification["paths"], specification["components"])


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template))


def _with_nulls(node: Any) -> Any:
    """Turn OpenAPI 3.0's `nullable` into JSON Schema's null."""
    if isinstance(node, list):
        return [_with_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {name: _with_nulls(value) for name, value in node.items() if name != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if node.get("nullable") is True else inner
