"""What is left of a manifest when extracts are withdrawn: the rest of it, or only that there was an answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.intake.manifest import MANIFEST_NAME, Disclosure, extracts_of, read_manifest

_KEPT = (
    *("force", "reference", "our_reference", "title", "received", "responded", "published", "source_url", "decision"),
    *("answers", "supersedes", "corrects", "rights"),
)
"""What stays of an answer that is withdrawn whole. Others may name it, so that it was there must stay known."""


def stub(folder: Path, disclosure: Disclosure | None, missing: str) -> str:
    """Return the manifest of an answer of which nothing is held any more; `missing` says why.

    Where its manifest could not be read, its force and its folder are all that is said.
    """
    said: dict[str, Any] = {"force": folder.parent.name, "reference": None, "our_reference": folder.name}
    if disclosure is None:
        said["decision"] = "unknown"
    else:
        written = disclosure.model_dump(mode="json", exclude_unset=True)
        said = {key: written[key] for key in _KEPT if key in written}
    return _text(said | {"holding": "none", "missing": missing})


def without(folder: Path, disclosure: Disclosure, withdrawn: Collection[str], known: Mapping[str, bool]) -> str:
    """Return the manifest of an answer without some of its extracts, and without tables that have none left.

    Raises Refused where what is left does not hang together. `known` are the forces, as intake wants them. The
    manifest is written anew, without its comments.
    """
    said = disclosure.model_dump(mode="json", exclude_unset=True)
    names = iter([extract.extract_id for extract in extracts_of(disclosure, folder)])
    for table in said["tables"]:
        table["extracts"] = [entry for entry in table["extracts"] if next(names) not in withdrawn]
    said["tables"] = [table for table in said["tables"] if table["extracts"]]
    text = _text(said | {"holding": "part"})
    tried = folder / f".{MANIFEST_NAME}.part"
    tried.write_text(text, "utf-8")
    try:
        read_manifest(tried, known, MANIFEST_NAME)
    finally:
        tried.unlink()
    return text


def _text(said: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(said), sort_keys=False, allow_unicode=True, width=120)
