"""Reference tables: which file each is read from.

They lie beside the code that reads them. FOI_REFERENCE names a folder of one's own: a table that lies there is read
instead of the project's table of the same name, the others stay the project's.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "FOI_REFERENCE"
PACKAGED = Path(__file__).resolve().parents[1] / "normalisation" / "reference"
"""The project's own tables; which there are is said here and nowhere else."""


class ReferenceTableError(ValueError):
    """A reference table breaks one of its own rules; the message names file, line and what to mend."""


class NoSuchTable(ReferenceTableError):
    """Raised where FOI_REFERENCE is no folder, or has a file that no table is read from."""


def own_folder() -> Path | None:
    """Return the folder that FOI_REFERENCE names, or None.

    A file in it that is no table of the project would never be read. Raises NoSuchTable at such a one, and where there
    is no folder.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    folder = Path(named).resolve()
    if not folder.is_dir():
        raise NoSuchTable(f"{named}: found no folder; expected the folder of reference tables; mend {VARIABLE}")
    known = {path.name for path in PACKAGED.glob("*.csv")}
    if stray := sorted({path.name for path in folder.glob("*.csv")} - known):
        raise NoSuchTable(
            f"{folder}: found {', '.join(stray)}; expected tables named {', '.join(sorted(known))}; "
            "name the file as the table it stands for"
        )
    return folder


def table_path(name: str) -> Path:
    """Return the file that a reference table is read from."""
    folder = own_folder()
    if folder is not None and (folder / name).is_file():
        return folder / name
    return PACKAGED / name


def path_to_write(name: str) -> Path:
    """Return the file that a changed reference table is written to: in one's own folder, where there is one."""
    return (own_folder() or PACKAGED) / name


def read_instead(path: Path) -> Path:
    """Return the file that is read instead of one of the project's: another one only where FOI_REFERENCE has it."""
    return table_path(path.name) if path.parent == PACKAGED and path.suffix == ".csv" else path
