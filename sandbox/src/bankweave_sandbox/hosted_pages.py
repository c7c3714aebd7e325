"""What the pages for people share: one frame and style, and headers that keep a visit private. No dialect's words are here."""

from __future__ import annotations

from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData

_SHARED = Path(__file__).parent / "templates"
_OWN_STYLE_AND_PICTURES = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"

PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # addresses carry tokens and keys of sign-ins
    # No form-action: browsers hold the redirect back to the application against it.
    "Content-Security-Policy": f"{_OWN_STYLE_AND_PICTURES}; base-uri 'none'; frame-ancestors 'none'",
}


def page_templates(own: Path) -> Environment:
    """Read a dialect's templates; theirs extend `hosted_page.html`."""
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(own), FileSystemLoader(_SHARED)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def entered(form: FormData, name: str) -> str:
    """Read a field of a form; empty where it is missing, or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
