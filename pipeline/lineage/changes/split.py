"""The changes of figures split over their causes: what lines add to each, and what decides the others.

Which lines pair is in lines.py, what a pair adds in counted.py and why in causes.py; deciding.py says which figures
decide one that has no changed line of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from pipeline.figures.catalogue import TABLES, CountedTable
from pipeline.lineage.changes.causes import EXAMPLES, EXAMPLES_OF_ONE, Part, find_causes, part_order, parts
from pipeline.lineage.changes.counted import add_silent, added_up
from pipeline.lineage.changes.deciding import CAME_OR_WENT, Deciders, Row
from pipeline.lineage.changes.figures import COMPARED, SIDES, Compared, figures_of, said_otherwise_of
from pipeline.lineage.changes.lines import extracts_of, pair_observations
from pipeline.store.duck import ask
from pipeline.store.places import Places

_NOT_SPLIT = {"delta_min": None, "delta_max": None}
"""What a part has where nobody can say how much it adds, as of a percentage."""


class Split:
    """The changes of figures split over their causes.

    `touched` are the figures by id, `added` what lines add to the least and most of each, `parts` that of the figures
    that are told, by cause. Lines of extracts that were read to the same source records are looked at by the labels
    that are read otherwise; where a figure is not explained by them, all lines are.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, places: Places, compared: Compared) -> None:
        self.db = db
        self.compared = compared
        self.extracts = extracts_of(db, places, compared)
        self.added: dict[str, tuple[int, int]] = {}
        self.parts: dict[str, list[Part]] = {}
        differing = figures_of(db, "change <> 'same'")
        counted = [row for row in differing if _is_counted(row)]
        for every_line in (False, True) if self.extracts.looked_at else ():
            pair_observations(db, places, compared, self.extracts, every_line=every_line)
            self.added = added_up(db)
            silent = [row["id"] for row in counted if row["change"] == "changed" and row["id"] not in self.added]
            if silent:
                add_silent(db, silent)
                self.added = added_up(db)
            if all(self._is_explained(row) for row in counted):
                break
        of_lines = "id in (select id from part_line join counted_figure using (figure))" if self.added else "false"
        same_value = [row | {"change": "same_value"} for row in figures_of(db, f"change = 'same' and {of_lines}")]
        self.touched = {row["id"]: row for row in (*differing, *same_value)}
        self.deciders = Deciders(self.touched)

    def _is_explained(self, row: Row) -> bool:
        """Return True where lines say all of how a counted figure changed, or none can."""
        known = row["id"] in self.added or _is_zero(row)
        return known and _rest(row, *self.added.get(row["id"], (0, 0))) is None

    def find_parts(self, rows: Sequence[Row], *, in_full: bool) -> None:
        """Split what lines add to some figures over its causes, `in_full` that of their parents too."""
        if not self.added:
            return
        wanted = [*rows, *(p for row in rows for p in self._parents(row))] if in_full else rows
        deciders = [d["id"] for row in wanted if _is_zero(row) for d in self.deciders.of_zero(row)]
        find_causes(self.db, self.extracts.withdrawn, [*(row["id"] for row in wanted), *deciders])
        self.parts = parts(self.db, EXAMPLES_OF_ONE if in_full else EXAMPLES)

    def figure(self, row: Row, *, in_full: bool) -> dict[str, Any]:
        """Return a figure as it is told, with its parts and its parents that changed, `in_full` with theirs."""
        parents = self._parents(row)
        told = [plain(parent) | ({"parts": self._parts(parent, [])} if in_full else {}) for parent in parents]
        return plain(row) | {"parts": self._parts(row, parents), "parents": told}

    def _parents(self, row: Row) -> list[Row]:
        return [] if _is_counted(row) or row["figure_table"] == "coverage" else self.deciders.of_derived(row)

    def _parts(self, row: Row, parents: list[Row]) -> list[Part]:
        """Return the parts of one figure: what its lines add, and what is left."""
        if row["figure_table"] == "coverage":
            found = self._held(row)
        elif not _is_counted(row):
            return [] if parents else self._said(row)
        elif _is_zero(row):
            return self._of_zero(row)
        else:
            found = list(self.parts.get(row["id"], ()))
        low, high = (sum(part[name] for part in found) for name in ("delta_min", "delta_max"))
        if (rest := _rest(row, low, high)) is not None:
            found.append(_without_lines("rule", *rest))
        elif not found:
            found.append(_without_lines("absence" if _has_no_line(row) else "rule", 0, 0))
        return sorted(found, key=part_order)

    def _of_zero(self, row: Row) -> list[Part]:
        """Return the parts of a zero by absence that came or went: what made its cell one in which nothing is counted.

        That is a platform that could be read or not, a table that is new or gone, or what the manifest says it covers.
        """
        by_lines = [part for one in self.deciders.of_zero(row) for part in self.parts.get(one["id"], ())]
        if by_lines:
            return sorted((p | {f"delta_{n}": 0 for n in ("min", "max", "open")} for p in by_lines), key=part_order)
        of_table = [self._extracts_of_table(side, row) for side in SIDES]
        if all(of_table):
            return [_without_lines("absence", 0, 0)]
        cause = "new" if not of_table[0] else "gone"
        return [self._of_extract(name, cause, 0) for own in of_table for name in own] or [
            _without_lines("absence", 0, 0)
        ]

    def _extracts_of_table(self, side: str, row: Row) -> list[str]:
        """Return the extracts that one side has of the table of a figure."""
        disclosure = self.compared.disclosure(side) or row["disclosure"]
        own = self.extracts.of(side)
        return [n for n, e in own.items() if (e.disclosure, e.table_id) == (disclosure, row["table_id"])]

    def _said(self, row: Row) -> list[Part]:
        """Return the part of a derived figure of which no parent changed: what is said otherwise of it or of them.

        How much is held of a cut table is in the reason of each such figure, and is lines again.
        """
        differs = said_otherwise_of(self.db, row)
        if {one["column"] for one in differs} == {"complete"} and (by_lines := self._lines_of_table(row)):
            return by_lines
        return [_without_lines("rule", None, None) | {"what": {"differs": differs}}]

    def _lines_of_table(self, row: Row) -> list[Part]:
        """Return a part for the lines of the table of a figure that are new, gone or revised, as far as there are."""
        if not self.added:
            return []
        query = (
            "select p.kind, case when p.kind <> 'revised' then coalesce(a.extract_id, b.extract_id) end as extract_id, "
            "count(*) as n from line_pair p left join before_line b on b.line = p.before "
            "left join after_line a on a.line = p.after where p.kind in ('new', 'gone', 'revised') "
            "and coalesce(a.disclosure, b.disclosure) = ? and coalesce(a.table_id, b.table_id) = ? "
            "group by all order by all"
        )
        found = []
        for one in ask(self.db, query, [row["disclosure"], row["table_id"]]):
            cause = "withdrawn" if one["extract_id"] in self.extracts.withdrawn else one["kind"]
            what = {"differs": []} if one["extract_id"] is None else {"extract_id": one["extract_id"]}
            found.append(_without_lines(cause, 0, 0) | _NOT_SPLIT | {"what": what, "n": one["n"]})
        return found

    def _held(self, row: Row) -> list[Part]:
        """Return the parts of a figure of coverage, which counts the extracts of an answer to one question."""
        before, after = self.extracts.before, self.extracts.after
        found = []
        for name in sorted(before.keys() ^ after.keys()):
            side, extract = ("after", after[name]) if name in after else ("before", before[name])
            if extract.disclosure == row["disclosure"] and extract.table_id in self._tables_of(side, row):
                one = 1 if name in after else -1
                found.append(self._of_extract(name, "new" if name in after else "gone", one))
        return found

    def _of_extract(self, name: str, cause: str, delta: int) -> Part:
        """Return the part of an extract that is new or gone as a whole."""
        cause = "withdrawn" if name in self.extracts.withdrawn else cause
        return _without_lines(cause, delta, delta) | {"what": {"extract_id": name}}

    def _tables_of(self, side: str, row: Row) -> set[str]:
        """Return the tables of an answer to the question of a figure of coverage."""
        query = f"select table_id from {side}.source_table where disclosure = ? and question = ?"
        return {t["table_id"] for t in ask(self.db, query, [row["disclosure"], row["table_id"]])}


def _without_lines(cause: str, low: int | None, high: int | None) -> Part:
    """Return a part that no line is told of; `low` and `high` are None where a percentage is not split."""
    deltas = {"delta_min": low, "delta_max": high, "delta_open": 0}
    return {"cause": cause, "what": {"differs": []}, **deltas, "n": 0, "lines": []}


def _is_counted(row: Row) -> bool:
    """Return True where a figure is counted from lines itself, rather than derived."""
    return isinstance(TABLES.get(row["figure_table"]), CountedTable) or row["figure_table"] == "printed"


def _has_no_line(row: Row) -> bool:
    return row["change"] in CAME_OR_WENT and (row["after"] or row["before"])["n"] == 0


def _is_zero(row: Row) -> bool:
    """Return True where a counted figure came or went that no line is in."""
    return _is_counted(row) and _has_no_line(row)


def _rest(row: Row, low: int, high: int) -> tuple[int, int] | None:
    """Return what parts of `low` and `high` leave unexplained of a figure's least and most, None where they add up.

    An unknown count adds nothing to the least. The most is compared where it has an end on both sides.
    """
    closed = all(v is None or v["value_max"] is not None for v in (row["before"], row["after"]))
    low = _number(row["after"], "value_min") - _number(row["before"], "value_min") - low
    high = _number(row["after"], "value_max") - _number(row["before"], "value_max") - high if closed else 0
    return None if low == high == 0 else (low, high)


def _number(values: Mapping[str, Any] | None, name: str) -> int:
    return 0 if values is None or values[name] is None else int(values[name])


def plain(row: Row) -> dict[str, Any]:
    """Return a figure as it is told, whole numbers as such."""
    return {
        "id": row["own_id"],
        "figure_table": row["figure_table"],
        "change": row["change"],
        "unit": row["unit"],
        "synthetic": row["synthetic"],
        **{side: _values(row[side]) for side in SIDES},
    }


def _values(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    found = {name: values[name] for name in COMPARED}
    if found["unit"] != "percent":
        found |= {n: None if found[n] is None else int(found[n]) for n in ("value", "value_min", "value_max")}
    return found
