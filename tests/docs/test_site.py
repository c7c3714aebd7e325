"""The site builds without a warning, and a reader's browser asks nobody else for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCS, ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, place / "docs", ignore=shutil.ignore_patterns("site", ".cache"))
    for page in ROOT.glob("providers/*/README.md"):
        (copy := place / page.relative_to(ROOT)).parent.mkdir(parents=True)
        shutil.copy(page, copy)
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "-f", "docs/zensical.toml"]
    built = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return place / "docs/site"


def test_every_page_is_built(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md") if "site" not in path.parts}
    built = {path.parent.relative_to(site) for path in site.rglob("index.html")}

    assert built == {page if page.name != "index" else page.parent for page in pages}


def test_nothing_but_pages_is_published(site: Path) -> None:
    kinds = {path.suffix for path in site.rglob("*") if path.is_file() and "assets" not in path.parts}

    assert kinds <= {".html", ".xml", ".json", ".inv"}


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    loaded = re.compile(r"<(?:script|img|iframe|link)[^>]+(?:src|href)=\"?(?:https?:)?//(?!www\.w3\.org)[^\s>]+")

    found = {page.name: loaded.findall(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}

    assert {name: addresses for name, addresses in found.items() if addresses} == {}
    assert not any('class="mermaid"' in page.read_text(encoding="utf-8") for page in site.rglob("*.html"))


def test_the_adapters_own_pages_are_in_the_site(site: Path) -> None:
    for name in ("kontist", "kontomatik", "basiq"):
        assert 'id="settings"' in (site / "providers" / name / "index.html").read_text(encoding="utf-8")
