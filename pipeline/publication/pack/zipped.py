"""A folder as one zip file, the same bytes for the same content: times, order, permissions, compression are fixed."""

from __future__ import annotations

import os
import stat
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from pipeline.publication.pack.writing import Asked, CannotPack, write_pack
from pipeline.store.digests import sha256_file
from pipeline.store.files import sync
from pipeline.store.handed_out import note_handed_out
from pipeline.store.places import Places
from pipeline.store.releases import current_release

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can say."""


def zip_folder(folder: Path, target: Path) -> None:
    """Write all files below a folder to a zip file, in the order of their paths."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _FIRST_DAY)
            entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as packed:
                while piece := source.read(1 << 20):
                    packed.write(piece)


def pack(places: Places, target: Path, asked: Asked) -> dict[str, Any]:
    """Write the audit pack of the release in force as a zip file; return what is in it, as plain JSON.

    The file is noted, so that a withdrawal can list it; a local one is readable by its owner only. Raises CannotPack
    where nothing is published, the release cannot be packed, or the target exists or cannot be written.
    """
    release = current_release(places)
    if release is None:
        raise CannotPack("found no release; expected one to pack; run `foi refresh`")
    if target.exists():
        raise CannotPack(f"{target}: found a file; expected a name that is free; name another")
    folder = target.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise CannotPack(f"{folder}: found no folder that can be written to; expected one; name another place")
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=folder) as scratch:
        temporary = Path(scratch) / "pack.zip"
        (content := Path(scratch) / "content").mkdir()
        packed = write_pack(places, release, content, asked)
        zip_folder(content, temporary)
        temporary.chmod(0o600 if asked.local else 0o644)
        sync(temporary)
        os.link(temporary, target)
    note_handed_out(places, target, packed.extracts)
    return {
        "file": str(target),
        "sha256": sha256_file(target),
        "release": release.number,
        "local": asked.local,
        "figures": list(asked.figures),
        "extracts": len(packed.extracts),
        "withheld": [{"file": w.path, "sha256": w.sha256, "why": w.words} for w in packed.withheld],
        "files": len(packed.files),
    }
