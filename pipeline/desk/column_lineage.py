"""What `foi lineage` tells: the columns above or below one, and which header of which extract plays a part.

Not here: the declarations and the walk over them (schemas/columns.py, pipeline/figures/sources.py,
pipeline/lineage/columns.py), and how it looks in a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.lineage import columns
from pipeline.lineage.columns import Name
from pipeline.store.duck import ask, opened
from pipeline.store.files import read_json
from pipeline.store.places import Places
from pipeline.store.releases import current_release

COUNT, OTHER = "count", "other"


def written(name: Name) -> str:
    """Return a column as people name it: `asset.column`."""
    return ".".join(name)


def tables() -> dict[str, Any]:
    """Return every asset that has columns, in the way of the data."""
    return {"tables": [{"table": asset, "columns": list(found)} for asset, found in columns.assets().items()]}


def lineage_of_table(asset: str) -> dict[str, Any]:
    """Return the columns of a table, each with what it is made from, one step up. Raises NoSuchColumn."""
    if asset not in columns.assets():
        raise columns.NoSuchColumn(asset, columns.near(asset))
    return {"table": asset, "columns": [_told((asset, name), columns.sources_of(asset, name)) for name in
                                        columns.assets()[asset]]}  # fmt: skip


def lineage_of_column(text: str, down: bool) -> dict[str, Any]:
    """Return a column and everything above it, or below it, each with what is one step away. Raises NoSuchColumn."""
    name = columns.named(text)
    steps = columns.steps_down(*name) if down else columns.steps_up(*name)
    return {
        "column": written(name),
        "direction": "down" if down else "up",
        "columns": [_told(here, beyond, "makes" if down else "made_from") for here, beyond in steps.items()],
    }


def _told(name: Name, beyond: tuple[Name, ...], relation: str = "made_from") -> dict[str, Any]:
    declared = columns.column(*name)
    return {
        "column": written(name),
        "description": declared.description,
        "unit": declared.unit,
        relation: [written(other) for other in beyond],
    }


def headers(places: Places, parts: frozenset[str]) -> list[dict[str, Any]]:
    """Return which printed columns of the release in force play some parts of an extract, extract by extract.

    Each as {extract_id, file, sha256, part, position, header}; the header is None where the file has none. Raises
    LookupError where nothing is published.
    """
    release = current_release(places)
    if release is None:
        raise LookupError("nothing is published yet; run `foi refresh`")
    with opened(release.path) as db:
        extracts = ask(db, "select extract_id, file, sha256, header from extract order by extract_id")
        accounts = dict(db.execute("select name, path from store_file where layer = 'account'").fetchall())
    found = []
    for extract in extracts:
        account = read_json(places.warehouse / accounts[extract["extract_id"]])
        printed = extract.pop("header") or []
        for part, position in sorted(parts_played(account), key=lambda pair: pair[1]):
            if part.split(":")[0] in parts:
                header = printed[position - 1] if position <= len(printed) else None
                found.append(extract | {"part": part, "position": position, "header": header})
    return found


def parts_played(account: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the part that each column of an extract plays, with its position: columns side by side are all counts."""
    return [*account["columns"].items(), *((COUNT, column["at"]) for column in account["wide"])]


def parts_of(told: Mapping[str, Any]) -> frozenset[str]:
    """Return the parts of an extract that a column is made from, the place of its lines left out."""
    received = f"{columns.RECEIVED}."
    names = {c["column"].removeprefix(received) for c in told["columns"] if c["column"].startswith(received)}
    return frozenset(names - {"line"})
