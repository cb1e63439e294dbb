"""A pack described for machines: as a Process Run RO-Crate, and as a Data Package."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from pipeline.publication.crate.datapackage import datapackage
from pipeline.publication.crate.facts import Pack, PackedFile
from pipeline.publication.crate.run import ro_crate

DATAPACKAGE = "datapackage.json"
RO_CRATE = "ro-crate-metadata.json"


def descriptions(pack: Pack) -> dict[str, bytes]:
    """Return the files that describe a pack, by path: `datapackage.json` and `ro-crate-metadata.json`.

    They follow from what they are given alone: no clock, no chance. The crate lists the data package as a file of the
    pack; neither lists the crate's own file, whose digest is for the list of checksums. Raises ValueError where two
    files of the pack have one path or the release's time has no zone.
    """
    package = _text(datapackage(pack))
    itself = PackedFile(
        DATAPACKAGE,
        hashlib.sha256(package).hexdigest(),
        len(package),
        "application/json",
        "This pack as a Data Package: every file, the columns of every table",
        "document",
    )
    return {
        DATAPACKAGE: package,
        RO_CRATE: _text(ro_crate(replace(pack, files=(*pack.files, itself)))),
    }


def _text(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
