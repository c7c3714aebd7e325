from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any

import pytest

from bankweave.adapter import Response
from bankweave.errors import (
    BankweaveError,
    InvalidOrder,
    OriginRefused,
    OutcomeUnknown,
    ProviderRefused,
)
from bankweave.testing import FakeContext, ScriptedHttp
from bankweave_kontist import Kontist, KontistSettings
from bankweave_kontist.client.assets import Assets

pytestmark = pytest.mark.anyio

ASSET = {"id": "a-1", "name": "r.pdf", "filetype": "application/pdf", "path": "p", "thumbnail": "t", "fullsize": "f",
         "assetableId": "t-1"}  # fmt: skip
FINISHED = {"finalizeTransactionAssetUpload": ASSET}
STORAGE = "https://storage.example"


def data(value: dict[str, Any]) -> Response:
    return Response(status=200, body=json.dumps({"data": value}).encode())


def registered(url: str) -> Response:
    form = [{"key": "key", "value": "users/1"}, {"key": "policy", "value": "p=="}]
    return data({"createTransactionAsset": {"assetId": "a-1", "url": url, "formData": form}})


def scripted(*answers: Response | BankweaveError, origins: tuple[str, ...] = ()) -> tuple[Assets, FakeContext]:
    ctx = FakeContext(http=ScriptedHttp(list(answers)))
    kontist = Kontist(KontistSettings(client_id="client-1", upload_origins=origins))
    return kontist.client(ctx).assets, ctx


def parts(body: bytes, content_type: str) -> list[tuple[str | None, str | None, bytes]]:
    """Name, file name and content of a form's fields, as the standard library reads them."""
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found = message.get_payload()
    assert isinstance(found, list)
    return [
        (each.get_param("name", header="content-disposition"), each.get_filename(), each.get_payload(decode=True))  # type: ignore[misc, union-attr]  # typeshed knows no multipart
        for each in found
    ]


async def add(assets: Assets, content: bytes = b"%PDF-1.7\r\n\x00\xff") -> Any:
    return await assets.add("t-1", name='r"1.pdf', filetype="application/pdf", content=content)


async def test_a_receipt_is_registered_uploaded_and_finished() -> None:
    assets, ctx = scripted(registered("https://api.kontist.com/up"), Response(status=204), data(FINISHED))
    assert (await add(assets)).id == "a-1"
    register, upload, finish = ctx.http.sent
    assert json.loads(register.body or b"")["variables"] == {
        "transactionId": "t-1", "name": 'r"1.pdf', "filetype": "application/pdf"}  # fmt: skip
    assert (upload.method, upload.url, upload.repeatable) == ("POST", "https://api.kontist.com/up", False)
    assert parts(upload.body or b"", upload.headers["Content-Type"]) == [
        ("key", None, b"users/1"),
        ("policy", None, b"p=="),
        ("file", "r%221.pdf", b"%PDF-1.7\r\n\x00\xff"),
    ]
    assert json.loads(finish.body or b"")["variables"] == {"assetId": "a-1"}


async def test_the_token_stays_with_kontist() -> None:
    assets, ctx = scripted(registered(f"{STORAGE}/up"), Response(status=204), data(FINISHED), origins=(STORAGE,))
    await add(assets)
    assert ["Authorization" in each.headers for each in ctx.http.sent] == [True, False, True]


@pytest.mark.parametrize(
    "url", [f"{STORAGE}/up", "http://api.kontist.com/up", "https://api.kontist.com.evil.example/", "file:///etc/passwd"]
)
async def test_a_receipt_goes_to_no_host_that_nobody_allowed(url: str) -> None:
    assets, ctx = scripted(registered(url))
    with pytest.raises(OriginRefused, match="upload_origins"):
        await add(assets, b"private")
    assert all(b"private" not in (each.body or b"") for each in ctx.http.sent)


def test_allowed_hosts_are_the_adapters_own() -> None:
    kontist = Kontist(KontistSettings(client_id="c", upload_origins=(STORAGE,)))
    assert STORAGE in kontist.origins
    assert "https://api.kontist.com" in kontist.origins


@pytest.mark.parametrize("origin", ["storage.example", "https://storage.example/bucket", "https://u:p@storage.example"])
def test_an_allowed_host_is_an_origin_and_no_more(origin: str) -> None:
    with pytest.raises(ValueError, match="upload_origins"):
        KontistSettings(client_id="c", upload_origins=(origin,))


@pytest.mark.parametrize(("status", "kind"), [(403, ProviderRefused), (413, ProviderRefused), (503, OutcomeUnknown)])
async def test_a_failed_upload_leaves_no_receipt(status: int, kind: type[BankweaveError]) -> None:
    assets, ctx = scripted(registered("https://api.kontist.com/up"), Response(status=status))
    with pytest.raises(kind):
        await add(assets)
    assert len(ctx.http.sent) == 2


async def test_a_receipt_needs_a_name() -> None:
    assets, ctx = scripted()
    with pytest.raises(InvalidOrder):
        await assets.add("t-1", name=" ", filetype="application/pdf", content=b"")
    assert ctx.http.sent == []


async def test_a_receipt_is_deleted() -> None:
    assets, ctx = scripted(data({"deleteTransactionAsset": {"success": True}}))
    await assets.delete("a-1")
    assert not ctx.http.sent[0].repeatable


async def test_a_receipt_that_was_not_deleted_is_no_success() -> None:
    assets, _ = scripted(data({"deleteTransactionAsset": {"success": False}}))
    with pytest.raises(ProviderRefused) as caught:
        await assets.delete("a-1")
    assert caught.value.code == "not_done"


async def test_what_was_registered_does_not_show_its_secrets() -> None:
    assets, _ = scripted(registered("https://api.kontist.com/up?signature=s3cret"))
    upload = await assets.register("t-1", name="r.pdf", filetype="application/pdf")
    assert "s3cret" not in repr(upload)
    assert "p==" not in repr(upload)
