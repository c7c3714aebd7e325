"""Receipts as files: the form that uploads one, and where it is read again (providers/kontist.md section 6.4)."""

from __future__ import annotations

import mimetypes

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bankweave_sandbox.kontist.oauth.credentials import bearer_token
from bankweave_sandbox.kontist.oauth.tokens import TokenMint
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.receipts.assets import Asset
from bankweave_sandbox.kontist.services import Services


class AssetEndpoints:
    def __init__(self, services: Services, mint: TokenMint) -> None:
        self._services = services
        self._mint = mint

    def routes(self) -> list[Route]:
        return [
            Route("/uploads/{id}", self.upload, methods=["POST"]),
            Route("/api/assets/{id}/{size:str}", self.show, methods=["GET"]),
        ]

    async def upload(self, request: Request) -> Response:
        """Take a file. It needs no bearer token: the form's fields say that it was announced."""
        asset = self._services.assets.awaited(request.path_params["id"])
        if asset is None:
            raise HTTPException(404, "no upload is awaited here")
        async with request.form() as form:
            _check_fields(asset, form)
            asset.content = await self._read_file(form)
        return Response(status_code=204)

    async def show(self, request: Request) -> Response:
        """Answer the file; its thumbnail is the file itself, as the sandbox scales no pictures."""
        token = bearer_token(request)
        grant = self._mint.read_access(token) if token else None
        person = self._services.people.by_user_id(grant.user_id) if grant else None
        if person is None:
            raise HTTPException(401, "a valid access token is needed", headers={"www-authenticate": "Bearer"})
        try:
            asset = self._services.assets.own(person, request.path_params["id"])
        except Problem:
            raise HTTPException(404, "no such asset") from None
        if request.path_params["size"] not in {"fullsize", "thumbnail"} or not asset.is_finalized:
            raise HTTPException(404, "no such asset")
        return Response(asset.content, media_type=_media_type(asset.filetype))

    async def _read_file(self, form: FormData) -> bytes:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise HTTPException(400, "the form has no file")
        most = self._services.switches.asset_most_bytes
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
