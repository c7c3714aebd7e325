"""Basiq's specification as a contract for requests and answers, where it lies beside the repository."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jsonschema

SPECIFICATION = Path(__file__).parents[3] / "shared" / "specs" / "basiq-v3.openapi.json"

# Where the sandbox knowingly leaves the specification, and why (sections of the notes, providers/basiq.md).
UNLISTED_ANSWERS = {
    (200, "POST", "/users/{userId}/connections/{connectionId}/refresh"): "3.1: a job that runs already",
    (404, "GET", "/users/{userId}/identities"): "7.2: an unknown user, as everywhere else",
    (413, "POST", "/users/{userId}/statements"): "7.2: the upload is too large",
}
UNLISTED_CODES = {
    (400, "path-parameter-not-valid"): "7.2: the newer table's code for ids of snapshots",
    (400, "resource-not-found"): "7.2: GET /jobs with an unknown id, by the newer table",
    (401, "access-denied"): "7.2: an expired token on POST /users and mfa",
    (401, "unauthorised-access"): "7.1: the newer table's spelling",
    (403, "Forbidden access"): "7.2: spelt so for POST /jobs/{id}/mfa",
    (403, "request-not-valid"): "7.2: the token limit, a missing path segment",
    (503, "Service unavailable"): "7.2: a spelling that occurs",
    (404, "parameter-not-valid"): "7.2: an unknown API key",
}
UNLISTED_STATUSES = {
    401: "7.2: every operation needs a token, and not all list what happens without",
    403: "7.2: the same for a token with the wrong scope",
    415: "7.2: the content type",
    429: "7.2: limits",
    503: "7.2: not all operations list it",
}
UNDESCRIBED_PARAMETERS = {
    ("GET", "/users/{userId}/transactions", "next"): "5.2: the cursor that the answers' own links hold",
    ("GET", "/users/{userId}/affordability/{snapshotId}/transactions", "next"): "5.3: the same",
}
# Slips of the specification's own (section 12), mended before it is used.
_MISSPELT = {"direct-cedit": "direct-credit"}


@dataclass(frozen=True)
class Contract:
    paths: dict[str, Any]
    components: dict[str, Any]

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """Find the template of a path and what the specification says of the method; None: not described."""
        for template in sorted(self.paths, key=lambda one: one.count("{")):
            described = self.paths[template].get(method.lower())
            if described is not None and _pattern(template).fullmatch(path):
                return template, described
        return None

    def check_request(self, request: httpx.Request) -> None:
        """Fail unless the specification knows the operation, its parameters and the body."""
        found = self.operation(request.method, request.url.path)
        assert found is not None, f"{request.method} {request.url.path} is not in the specification"
        template, operation = found
        self._check_parameters(request, template, operation)
        body = operation.get("requestBody")
        if body is None:
            assert request.content == b"", f"{request.method} {template} is sent without a body"
            return
        if request.content or body.get("required"):
            self._check_request_body(request, body["content"])

    def _check_parameters(self, request: httpx.Request, template: str, operation: dict[str, Any]) -> None:
        described = [*operation.get("parameters", []), *self.paths[template].get("parameters", [])]
        parameters = {(one["in"], one["name"].casefold()): one for one in map(self._resolved, described)}
        for name, value in request.url.params.items():
            known = parameters.get(("query", name.casefold()))
            extra = (request.method, template, name) in UNDESCRIBED_PARAMETERS
            assert known or extra, f"{request.method} {template} has no parameter {name}"
            if known:
                self.validate(known["schema"], _read_as(known["schema"], value))
        for (place, name), one in parameters.items():
            given = {"query": request.url.params, "header": request.headers}.get(place)
            if given is not None and one.get("required"):
                assert name in {key.casefold() for key in given}, f"{request.method} {template} needs {name}"

    def _check_request_body(self, request: httpx.Request, described: dict[str, Any]) -> None:
        kind = request.headers.get("content-type", "").partition(";")[0]
        assert kind in described, f"{request.method} {request.url.path} is not sent as {kind or 'nothing'}"
        if kind == "application/json":
            self.validate(described[kind]["schema"], json.loads(request.content))
        if kind == "application/x-www-form-urlencoded":
            self.validate(described[kind]["schema"], dict(parse_qsl(request.content.decode())))

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        reference = node.get("$ref")
        if reference is None:
            return node
        found: Any = {"components": self.components}
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)

    def check(self, response: httpx.Response) -> None:
        """Fail unless the specification allows the answer; what it does not describe passes."""
        method = response.request.method
        found = self.operation(method, response.request.url.path)
        if found is None:
            return
        template, operation = found
        described = operation["responses"].get(str(response.status_code))
        if described is None:
            known = (response.status_code, method, template) in UNLISTED_ANSWERS
            assert known or response.status_code in UNLISTED_STATUSES, (
                f"{method} {template} does not answer {response.status_code}"
            )
            return
        self._check_content(described.get("content", {}), response)

    def _check_content(self, described: dict[str, Any], response: httpx.Response) -> None:
        request = response.request
        kind = response.headers.get("content-type", "").partition(";")[0]
        if not described and response.status_code >= 400:
            return  # some refusals are listed without saying what they look like
        if not described:
            assert response.content == b"", f"{request.method} {request.url.path} has no body in the specification"
            return
        assert kind in described, f"{request.method} {request.url.path} is not answered with {kind or 'nothing'}"
        if kind == "application/json":
            self._check_body(described[kind]["schema"], response)

    def _check_body(self, schema: dict[str, Any], response: httpx.Response) -> None:
        body = response.json()
        if response.status_code >= 400 and (response.status_code, body["data"][0]["code"]) in UNLISTED_CODES:
            return
        self.validate(schema, body)

    def validate(self, schema: dict[str, Any], value: object) -> None:
        jsonschema.Draft202012Validator({**schema, "components": self.components}).validate(value)


def _read_as(schema: dict[str, Any], value: str) -> object:
    return int(value) if schema.get("type") == "integer" and value.isdecimal() else value


@cache
def load_contract() -> Contract | None:
    if not SPECIFICATION.exists():
        return None
    specification = _as_json_schema(json.loads(SPECIFICATION.read_text()))
    return Contract(specification["paths"], specification["components"])


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template))


def _as_json_schema(node: Any) -> Any:
    """Turn OpenAPI 3.0's `nullable` into JSON Schema's null, and mend misspelt words."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return _MISSPELT.get(node, node) if isinstance(node, str) else node
    inner = {name: _as_json_schema(value) for name, value in node.items() if name != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if node.get("nullable") is True else inner
