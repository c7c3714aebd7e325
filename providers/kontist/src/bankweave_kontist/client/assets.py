"""Receipts of transactions: registered with Kontist, uploaded to where it says, and finished."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urljoin, urlsplit

from pydantic import Field

from bankweave.adapter import Request, Response
from bankweave.errors import InvalidOrder, OriginRefused
from bankweave_kontist.client.success import Success
from bankweave_kontist.files.download import download
from bankweave_kontist.files.multipart import with_form
from bankweave_kontist.queries.assets import CREATE_ASSET, DELETE_ASSET, FINALIZE_ASSET
from bankweave_kontist.records import Record
from bankweave_kontist.refusals import origin, refusal_of_single_use
from bankweave_kontist.session import Session
from bankweave_kontist.transactions.records import Asset

UPLOAD = "upload_asset"


class _FormField(Record):
    key: str
    value: str


class Upload(Record):
    """Where and with what a registered receipt is to be uploaded. Its form fields are as good as a password."""

    asset_id: str
    url: Annotated[str, Field(repr=False)]
    form_data: Annotated[tuple[_FormField, ...], Field(repr=False)]


class _Created(Record):
    create_transaction_asset: Upload


class _Finalized(Record):
    finalize_transaction_asset_upload: Asset


class Assets:
    """Adds receipts to transactions and takes them away."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, transaction_id: str, *, name: str, filetype: str, content: bytes) -> Asset:
        """Add a receipt: register, upload, finish. `filetype` is a media type, such as "application/pdf".

        Where the upload goes is Kontist's choice. An origin that is neither its own nor among the setting `upload_origins`
        raises `OriginRefused` before any of the file is sent. Raises `OutcomeUnknown` when an answer was lost: `get` the
        transaction to see whether the receipt is there. An upload that failed leaves no receipt.
        """
        upload = await self.register(transaction_id, name=name, filetype=filetype)
        await self.upload(upload, name=name, filetype=filetype, content=content)
        return await self.finish(upload.asset_id)

    async def register(self, transaction_id: str, *, name: str, filetype: str) -> Upload:
        """Announce a receipt and learn where to upload it."""
        if not name.strip() or not filetype.strip():
            raise InvalidOrder("a receipt needs a name and a filetype; nothing was sent", code="name")
        created = await self._session.run(
            CREATE_ASSET, _Created, transactionId=transaction_id, name=name, filetype=filetype
        )
        return created.create_transaction_asset

    async def upload(self, upload: Upload, *, name: str, filetype: str, content: bytes) -> None:
        """Upload the file, without the connection's token: the form's own fields authorise it."""
        self._check_origin(upload.url)
        request = Request(method="POST", url=upload.url, operation=UPLOAD, repeatable=False)
        fields = [(each.key, each.value) for each in upload.form_data]
        form = with_form(request, fields, file=(name, filetype, content), boundary=self._session.ctx.secret())
        _check_uploaded(await self._session.ctx.http.send(form))

    async def finish(self, asset_id: str) -> Asset:
        """Say that the file was uploaded. Idempotent."""
        done = await self._session.run(FINALIZE_ASSET, _Finalized, repeatable=True, assetId=asset_id)
        return done.finalize_transaction_asset_upload

    async def delete(self, asset_id: str) -> None:
        """Delete a receipt. Raises `OutcomeUnknown` when the answer was lost, and `ProviderRefused` for one that is gone."""
        (await self._session.run(DELETE_ASSET, Success, assetId=asset_id)).check(DELETE_ASSET)

    async def download(self, asset: Asset, *, thumbnail: bool = False) -> bytes:
        """Fetch a receipt, of 32 MiB at most, or its small picture; as `Documents.download`."""
        url = urljoin(f"{self._session.settings.base_url}/", asset.thumbnail if thumbnail else asset.fullsize)
        return await download(self._session, url)

    def _check_origin(self, url: str) -> None:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" not in self._session.settings.storage_origins:
            raise OriginRefused(
                "Kontist wants receipts uploaded to another host; if you trust it, "
                "add its origin to the setting upload_origins of kontist. Nothing was uploaded",
                origin=origin(UPLOAD),
                code="upload_origins",
            )


def _check_uploaded(response: Response) -> None:
    if not response.ok:
        raise refusal_of_single_use(response, UPLOAD)
