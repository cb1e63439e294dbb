"""What git says of our own code, where it is a checkout and git is there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.store.digests import ROOT

_CODE = ("pipeline", "schemas")
_SECONDS = 10


@dataclass(frozen=True)
class Checkout:
    """The commit the code is at, and whether it differs from it; None where that cannot be known."""

    commit: str | None
    dirty: bool | None


def checkout() -> Checkout:
    """Return the commit of the project, and whether a file below pipeline/ or schemas/ differs from it or is new.

    Reference tables read from a folder of one's own are not looked at here: the log has their digests.
    """
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return Checkout(None, None)
    command = [git, "--no-optional-locks", "-C", str(ROOT), "status", "--porcelain=v2", "--branch", "--", *_CODE]
    try:
        # the command is ours; no value in it is from outside
        said = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return Checkout(None, None)
    lines = said.splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), None)
    return Checkout(None if commit == "(initial)" else commit, any(not line.startswith("#") for line in lines))


def in_history(folder: Path, paths: Sequence[Path]) -> tuple[str, ...]:
    """Return which of some files below a folder any commit of its git repository has, by their path in the repository.

    None where there is no git or no repository.
    """
    git = shutil.which("git")
    if git is None or not paths or not folder.is_dir():
        return ()
    command = [git, "-C", str(folder), "log", "--all", "--format=", "--name-only", "--", *map(str, paths)]
    try:
        # paths stand after `--`: none can be taken for an option
        said = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(sorted({line for line in said.splitlines() if line}))
