"""The published SDK, installed once for everybody, outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "0.48.4"
_SECONDS = 60


class NotInstallable(Exception):
    """What is missing, so that the tests can skip with it."""


def installed_sdk() -> Path:
    """Return the `node_modules` with the SDK; install it when this user has not got it yet."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NotInstallable(f"the published SDK needs {tool}, which is not on this machine")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bankweave-tests"
    target = home / f"kontist-{VERSION}"
    if not target.exists():
        home.mkdir(parents=True, exist_ok=True)
        _install(home, target)
    return target / "node_modules"


def _install(home: Path, target: Path) -> None:
    # Made beside its place and moved there whole: test processes may do this at the same time.
    with tempfile.TemporaryDirectory(dir=home, ignore_cleanup_errors=True) as scratch:
        prefix = Path(scratch) / "package"
        prefix.mkdir()
        _npm_install(prefix)
        try:
            prefix.rename(target)
        except OSError:
            if not target.exists():
                raise


def _npm_install(prefix: Path) -> None:
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
    command = ["npm", "install", f"--prefix={prefix}", *quiet, f"kontist@{VERSION}"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS, cwd=prefix)
    except subprocess.TimeoutExpired:
        raise NotInstallable(f"kontist@{VERSION} could not be installed within {_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise NotInstallable(f"kontist@{VERSION} could not be installed: {said[0] if said else error}") from None
