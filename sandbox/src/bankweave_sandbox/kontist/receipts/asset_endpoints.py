"""Receipts as files: the form that uploads one, and where it is read again (providers/kontist.md section 6.4)."""

from __future__ import annotations

import mimetypes

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bankweave_sandbox.kontist.oauth.bearers import Bearers
from bankweave_sandbox.kontist.receipts.assets import Asset, Assets
from bankweave_sandbox.kontist.switches import Switches


class AssetEndpoints:
    def __init__(self, bearers: Bearers, assets: Assets, switches: Switches) -> None:
        self._bearers = bearers
        self._assets = assets
        self._switches = switches

    def routes(self) -> list[Route]:
        return [
            Route("/uploads/{id}", self.upload, methods=["POST"]),
            Route("/api/assets/{id}/{size:str}", self.show, methods=["GET"]),
        ]

    async def upload(self, request: Request) -> Response:
        """Take a file. It needs no bearer token: the form's fields say that it was announced."""
        asset = self._assets.awaited(request.path_params["id"])
        if asset is None:
            raise HTTPException(404, "no upload is awaited here")
        async with request.form() as form:
            _check_fields(asset, form)
            asset.content = await self._read_file(form)
        return Response(status_code=204)

    async def show(self, request: Request) -> Response:
        """Answer the file; its thumbnail is the file itself, as the sandbox scales no pictures."""
        asset = self._assets.own(self._bearers.person(request), request.path_params["id"])
        if request.path_params["size"] not in {"fullsize", "thumbnail"} or not asset.is_finalized:
            raise HTTPException(404, "Asset not found")
        return Response(asset.content, media_type=_media_type(asset.filetype))

    async def _read_file(self, form: FormData) -> bytes:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise HTTPException(400, "the form has no file")
        most = self._switches.asset_most_bytes
        content = await file.read(most + 1)
        if len(content) > most:
            raise HTTPException(413, f"the file is larger than {most} bytes")
        return content


def _check_fields(asset: Asset, form: FormData) -> None:
    if any(form.get(key) != value for key, value in asset.fields.items()):
        raise HTTPException(403, "the form's fields are not those that were given out")


def _media_type(filetype: str) -> str:
    """Read a file type as clients spell it: `image/png`, `png` or `.png`."""
    if "/" in filetype:
        return filetype
    guessed, _ = mimetypes.guess_type(f"receipt.{filetype.lstrip('.')}")
    return guessed or "application/octet-stream"
