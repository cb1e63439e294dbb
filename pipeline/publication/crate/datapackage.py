"""A pack as a Data Package: `datapackage.json`, version 2 of the standard, valid for frictionless.

A table of a pack is JSON lines: the array of its column names, then one array a row. That is the format `jsonl` with
the dialect `header` and `itemType: array`; frictionless reads the same from `json: {keyed: false}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pipeline.publication.crate.facts import Column, Pack, PackedFile, Source, WithheldFile

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

TABLE_DIALECT = {"header": True, "itemType": "array", "json": {"keyed": False}}


def datapackage(pack: Pack) -> dict[str, Any]:
    """Return the descriptor of a pack: its files with digests, tables with columns, sources, what is withheld.

    Raises ValueError where two files of the pack have the same path.
    """
    release = pack.release
    files = sorted(pack.files, key=lambda file: file.path)
    names = resource_names(file.path for file in files)
    return {
        "$schema": PROFILE,
        "name": f"foi-figures-release-{release.number}",
        "title": pack.title,
        "description": "Figures of one release with the files they were counted from. Root digest: " + release.root,
        "id": f"sha256:{release.root}",
        "version": str(release.number),
        "created": release.published_at,
        "sources": _sources(pack.sources()),
        "resources": [_resource(names[file.path], file) for file in files],
        "withheld": [_withheld(file) for file in sorted(pack.withheld, key=lambda file: file.path)],
    }


def resource_names(paths: Iterable[str]) -> dict[str, str]:
    """Return a name for each path: small letters, digits, `.`, `_`, `-` and `/`, and no two alike.

    Raises ValueError where a path is there twice.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for path in sorted(paths):
        if path in names:
            raise ValueError(f"the pack has two files at {path}; a path names one file")
        base = re.sub(r"[^a-z0-9._/]+", "-", path.lower())
        name, number = base, 2
        while name in taken:
            name, number = f"{base}-{number}", number + 1
        names[path] = name
        taken.add(name)
    return names


def _resource(name: str, file: PackedFile) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": name,
        "path": file.path,
        "title": file.words,
        "mediatype": file.media_type,
        # of a file that is no table of ours the bytes alone are checked: what its lines mean its manifest says, and a
        # reader that took the extension .csv for a promise would find faults in it that are none
        "format": "jsonl" if file.columns else "bytes",
    }
    if file.sha256 is not None:
        described["hash"] = f"sha256:{file.sha256}"
    if file.size is not None:
        described["bytes"] = file.size
    if file.columns:
        described |= {
            "type": "table",
            "encoding": "utf-8",
            "dialect": TABLE_DIALECT,
            "schema": {"fields": [_field(column) for column in file.columns]},
        }
    if file.source is not None:
        described |= {"sources": _sources([file.source]), "rights": _rights(file.source)}
        if licence := licence_of(file.source):
            described["licenses"] = [licence]
    return described


def _field(column: Column) -> dict[str, str]:
    field = {"name": column.name, "type": column.type}
    return field | ({"description": column.description} if column.description else {})


def _withheld(file: WithheldFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "reason": file.words,
        "hash": f"sha256:{file.sha256}",
        "bytes": file.size,
        "sources": _sources([file.source]),
        "rights": _rights(file.source),
    }


def _sources(sources: Iterable[Source]) -> list[dict[str, str]]:
    """Return each disclosure once, in order of force and reference."""
    found = {}
    for source in sources:
        title = f"{source.force}, {source.reference}"
        title += f", received {source.received}" if source.received else ""
        found[(title, source.url or "")] = {"title": title} | ({"path": source.url} if source.url else {})
    return [found[key] for key in sorted(found)]


def _rights(source: Source) -> dict[str, str | None]:
    return {"holder": source.holder, "licence": source.licence, "statement_at": source.statement_at}


def licence_of(source: Source) -> dict[str, str] | None:
    """Return a stated licence as the standard has it, `name` or `path`, or None where none is stated."""
    if source.licence is None:
        return None
    if re.match("https?://", source.licence):
        return {"path": source.licence, "title": source.licence}
    return {"name": re.sub(r"[^A-Za-z0-9._-]+", "-", source.licence).strip("-"), "title": source.licence}
