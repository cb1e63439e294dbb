"""What a withdrawal took of the figures, where the release that had them was removed with it.

Of such a release its line in the log is left, and the tombstone, which names the figures that stood on what was
withdrawn. Their values are not held any more, so that no difference is told: only what is gone, and what is counted
without it since. Everything else that may have changed meanwhile cannot be told either.
"""

from __future__ import annotations

from typing import Any

from pipeline.figures.catalogue import TABLES
from pipeline.store.duck import ask, opened
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, read_log
from pipeline.store.withdrawals import Tombstone, tombstones


def withdrawals_of(places: Places, number: int) -> list[Tombstone]:
    """Return the withdrawals with which a release was removed; none where it was not removed so."""
    digests = {
        entry.get("tombstone")
        for entry in read_log(places)
        if entry.get("event") == "withdrawal" and number in entry.get("removed", ())
    }
    return [tombstone for tombstone in tombstones(places) if tombstone.digest in digests]


def last_removed(places: Places, before: int) -> int | None:
    """Return the last release before another one, where a withdrawal removed it, else None."""
    numbers = [entry["number"] for entry in read_log(places) if entry.get("event") == "release"]
    last = max((number for number in numbers if number < before), default=None)
    return last if last is not None and withdrawals_of(places, last) else None


def changes_by_withdrawal(places: Places, number: int, after: ReleaseFile) -> dict[str, Any]:
    """Return what became, in a later release, of the figures that stood on what was withdrawn, as changes.changes does.

    before is None for each; the parts have the extracts and no numbers.
    """
    found = withdrawals_of(places, number)
    extracts_of = {figure: tombstone.extracts for tombstone in found for figure in tombstone.figures}
    entry = next(e for e in read_log(places) if e.get("event") == "release" and e["number"] == number)
    with opened(after.path) as db:
        there = {row["id"]: row for row in ask(db, "from figure") if row["id"] in extracts_of}
        total = ask(db, "select count(*) as n from figure")[0]["n"]
        published = ask(db, "select published_at from release_info")[0]["published_at"]
    figures: dict[str, list[dict[str, Any]]] = {"added": [], "removed": [], "changed": [], "same_value": []}
    for figure in sorted(extracts_of, key=_in_order):
        row = there.get(figure)
        change = "removed" if row is None else "changed"
        figures[change].append(
            {
                "id": figure,
                "figure_table": _table_of(figure),
                "change": change,
                "unit": None if row is None else row["unit"],
                "synthetic": figure.startswith("synthetic/"),
                "before": None,
                "after": row and {name: row[name] for name in ("value", "value_min", "value_max", "n", "reason")},
                "parts": [_part(extract) for extract in sorted(extracts_of[figure])],
                "parents": [],
            }
        )
    extracts = sorted({extract for tombstone in found for extract in tombstone.extracts})
    return {
        "a": {"number": number, "digest": str(entry["digest"])[:12], "published_at": entry["at"]},
        "b": {"number": after.number, "digest": after.digest, "published_at": published},
        "withdrawals": [
            {name: getattr(tombstone, name) for name in ("disclosure", "date", "reason")} for tombstone in found
        ],
        "extracts": {"new": [], "gone": [], "withdrawn": extracts, "changed": [], "read_otherwise": []},
        "figures": figures,
        "same": total - len(there),
    }


def _part(extract: str) -> dict[str, Any]:
    deltas = dict.fromkeys(("delta_min", "delta_max", "delta_open"))
    return {"cause": "withdrawn", "what": {"extract_id": extract}, **deltas, "n": None, "lines": []}


def _table_of(figure: str) -> str:
    return figure.removeprefix("synthetic/").split("/")[0]


def _in_order(figure: str) -> tuple[int, str]:
    order = list(TABLES)
    name = _table_of(figure)
    return (order.index(name) if name in order else len(order), figure)
