"""Changes: which figures of two releases differ, and why, each difference split over its causes without a rest.

Of counted figures and printed cells the parts add up to the difference, least and most each for itself. A derived
figure is told by the changes of its parents. Reads releases and store files; builds nothing, and imports neither
Dagster nor pandas.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.figures.catalogue import TABLES, CountedTable
from pipeline.lineage.changes.causes import EXAMPLES, EXAMPLES_OF_ONE, causes, find_causes, part_order, parts
from pipeline.lineage.changes.counted import added_up
from pipeline.lineage.changes.figures import (
    COMPARED,
    Compared,
    NotComparable,
    attach,
    compare_figures,
    figures_of,
    find_figure,
    said_otherwise,
)
from pipeline.lineage.changes.lines import (
    Extracts,
    extracts_of,
    labels_read_otherwise,
    pair_kinds,
    pair_observations,
)
from pipeline.lineage.changes.withdrawn import changes_by_withdrawal, last_removed, withdrawals_of
from pipeline.lineage.vintages import replaced_answers
from pipeline.store.duck import ask, opened
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, current_release, release_files

Part = dict[str, Any]

LISTS = ("added", "removed", "changed", "same_value")
"""The lists of figures: `same_value` are those whose value stands and is counted from other lines."""


@dataclass(frozen=True)
class Asked:
    """Which figures are told: those of one table, or one by its id, or all; those of made-up extracts if asked for."""

    table: str | None = None
    figure: str | None = None
    synthetic: bool = False


EVERYTHING = Asked()


def changes(
    places: Places,
    a: int | None = None,
    b: int | None = None,
    asked: Asked = EVERYTHING,
) -> dict[str, Any]:
    """Return what changed from release `a` to release `b`, the last two kept ones unless they are named.

    With `a` alone, from it to the last one kept. `asked` says which figures are told. Raises NotComparable: no such
    release or figure, store files that are gone, or of another version of the code; TornTombstones. Where a withdrawal
    removed `a`, what it took is told: withdrawals [{disclosure, date, reason}], and no values before.

    a, b: {number, digest, published_at}. extracts: ids {new, gone, withdrawn, changed, read_otherwise}. lines: how many
    are new, gone, revised, whether or not that changes a figure. causes: over all figures that are told, see
    causes.causes. figures: LISTS, each [{id, figure_table, change, unit, synthetic,
    before, after, parts, parents}]; before and after are {value, value_min, value_max, n, reason}, None where there is
    no such figure. parts: see causes.parts. parents: of derived figures those that changed, with their parts where one
    figure is asked for. same: how many figures are the same. asked: that figure, or None. made_up: how many figures of
    made-up extracts are not told. said_otherwise: what is said of figures besides.
    """
    before, after = _releases(places, a, b)
    if isinstance(before, int):
        return _by_withdrawal(places, before, after, asked)
    return _changes(places, Compared(before, after), asked)


def changes_of_answers(places: Places, older: str, newer: str, asked: Asked = EVERYTHING) -> dict[str, Any]:
    """Return what changed from one answer to the one that replaces or corrects it, in the release in force.

    As `changes`, with `answers` {older, newer, word}; figures are the same where their ids differ in the disclosure
    alone. Raises NotComparable where the manifests say of neither that it replaces the other.
    """
    release = current_release(places)
    if release is None:
        raise NotComparable("nothing is published yet; run `foi refresh`")
    with opened(release.path) as db:
        links = replaced_answers(db)
    word = next((word for old, new, word in links if (old, new) == (older, newer)), None)
    if word is None:
        known = "; ".join(f"{new} {word} {old}" for old, new, word in links)
        raise NotComparable(
            f"{newer} neither supersedes nor corrects {older} in release {release.number}; there is {known or 'none'}"
        )
    found = _changes(places, Compared(release, release, (older, newer)), asked)
    return found | {"answers": {"older": older, "newer": newer, "word": word}}


def _releases(places: Places, a: int | None, b: int | None) -> tuple[ReleaseFile | int, ReleaseFile]:
    """Return the two releases; the number alone of the first where a withdrawal removed it. Raises NotComparable."""
    kept = {release.number: release for release in release_files(places)}
    if not kept:
        raise NotComparable("nothing is published yet; run `foi refresh`")
    numbers = list(kept)
    known = ", ".join(str(number) for number in numbers)
    if b is not None and b not in kept:
        raise NotComparable(f"no release {b}; kept are {known}")
    after = kept[numbers[-1] if b is None else b]
    if a is None:
        before = numbers[-2] if len(numbers) > 1 else last_removed(places, after.number)
        if before is None:
            raise NotComparable(f"only release {known} is kept: there is none to compare it with")
        return kept.get(before, before), after
    if a not in kept and not withdrawals_of(places, a):
        raise NotComparable(f"no release {a}; kept are {known}")
    return kept.get(a, a), after


def _by_withdrawal(places: Places, number: int, after: ReleaseFile, asked: Asked) -> dict[str, Any]:
    """Return what a withdrawal took, of the figures that are asked for, with the keys that `changes` has."""
    found = changes_by_withdrawal(places, number, after)
    told = {name: [f for f in own if _is_wanted(f, asked)] for name, own in found["figures"].items()}
    if asked.figure is not None and not any(told.values()):
        raise NotComparable(f"{asked.figure!r} is none of the figures that were withdrawn with release {number}")
    left_out = sum(len(own) for own in found["figures"].values()) - sum(len(own) for own in told.values())
    return found | {
        "answers": None,
        "lines": {},
        "causes": [],
        "figures": told,
        "asked": next((f for own in told.values() for f in own), None) if asked.figure else None,
        "made_up": 0 if asked.figure or asked.table or asked.synthetic else left_out,
        "said_otherwise": [],
    }


def _is_wanted(told: Mapping[str, Any], asked: Asked) -> bool:
    if asked.figure is not None:
        return bool(told["id"] == asked.figure)
    return asked.table in (None, told["figure_table"]) and (asked.synthetic or not told["synthetic"])


def _changes(places: Places, compared: Compared, asked: Asked) -> dict[str, Any]:
    if asked.table is not None and asked.table not in TABLES:
        raise NotComparable(f"no figure table {asked.table!r}; there are {', '.join(TABLES)}")
    with closing(duckdb.connect()) as db:
        attach(db, compared)
        compare_figures(db, compared)
        one = None if asked.figure is None else find_figure(db, asked.figure)
        wanted = asked if one is None else Asked(figure=one["id"])
        split = _Split(db, places, compared)
        rows = [row for row in split.touched.values() if _is_wanted(row, wanted)]
        if one is None:
            split.find_parts([row["id"] for row in rows], EXAMPLES)
        else:
            split.find_parts(
                [*(r["id"] for r in rows), *(p for r in rows for p in r["parents"] or ())], EXAMPLES_OF_ONE
            )
        told = [split.figure(row, in_full=one is not None) for row in rows]
        made_up = 0 if asked.synthetic or one is not None else sum(row["synthetic"] for row in split.touched.values())
        return {
            "a": _release(db, "before", compared.before),
            "b": _release(db, "after", compared.after),
            "answers": None,
            "withdrawals": [],
            "extracts": _extracts(db, split.extracts),
            "lines": pair_kinds(db) if split.added else {},
            "causes": causes(db) if split.added else [],
            "figures": {name: [figure for figure in told if figure["change"] == name] for name in LISTS},
            "same": ask(db, "select count(*) as n from figure_change")[0]["n"] - len(split.touched),
            "asked": None if one is None else _plain(split.touched.get(one["id"], one)),
            "made_up": made_up,
            "said_otherwise": said_otherwise(db, wanted.table, wanted.figure, wanted.synthetic),
        }


class _Split:
    """The changes of figures split over their causes.

    `touched` are the figures by id, `added` what lines add to the least and most of each, `parts` that of the figures
    that are told, by cause. Lines of extracts that were read to the same source records are looked at by the labels
    that are read otherwise; where a figure is not explained by them, all lines are.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, places: Places, compared: Compared) -> None:
        self.db = db
        self.extracts = extracts_of(db, places, compared)
        self.added: dict[str, tuple[int, int]] = {}
        self.parts: dict[str, list[Part]] = {}
        differing = figures_of(db, "change <> 'same'")
        counted = [row for row in differing if _is_counted(row)]
        for every_line in (False, True) if self.extracts.looked_at else ():
            pair_observations(db, places, compared, self.extracts, every_line=every_line)
            self.added = added_up(db)
            if all(_rest(row, *self.added.get(row["id"], (0, 0))) is None for row in counted):
                break
        of_lines = "id in (select id from part_line join counted_figure using (figure))" if self.added else "false"
        same_value = [row | {"change": "same_value"} for row in figures_of(db, f"change = 'same' and {of_lines}")]
        self.touched = {row["id"]: row for row in (*differing, *same_value)}

    def find_parts(self, figures: Collection[str], examples: int) -> None:
        """Split what lines add to some figures over its causes; each part names so many lines."""
        if self.added:
            find_causes(self.db, self.extracts.withdrawn, figures)
            self.parts = parts(self.db, examples)

    def figure(self, row: Mapping[str, Any], *, in_full: bool) -> dict[str, Any]:
        """Return a figure as it is told, with its parts and its parents that changed, `in_full` with theirs."""
        parents = [self.touched[parent] for parent in row["parents"] or () if parent in self.touched]
        told = [_plain(parent) | ({"parts": self._parts(parent, ())} if in_full else {}) for parent in parents]
        return _plain(row) | {"parts": self._parts(row, parents), "parents": told}

    def _parts(self, row: Mapping[str, Any], parents: Sequence[Mapping[str, Any]]) -> list[Part]:
        """Return the parts of one figure: what its lines add, and what is left."""
        if row["figure_table"] == "coverage":
            found = self._held(row)
        elif not _is_counted(row):
            return [] if parents else [_without_lines("rule", None, None)]
        else:
            found = list(self.parts.get(row["id"], ()))
        low, high = (sum(part[name] for part in found) for name in ("delta_min", "delta_max"))
        if (rest := _rest(row, low, high)) is not None:
            found.append(_without_lines("rule", *rest))
        elif not found:
            absent = row["change"] in {"added", "removed"} and (row["after"] or row["before"])["n"] == 0
            found.append(_without_lines("absence" if absent else "rule", 0, 0))
        return sorted(found, key=part_order)

    def _held(self, row: Mapping[str, Any]) -> list[Part]:
        """Return the parts of a figure of coverage, which counts the extracts of an answer to one question."""
        before, after = self.extracts.before, self.extracts.after
        found = []
        for name in sorted(before.keys() ^ after.keys()):
            side, extract = ("after", after[name]) if name in after else ("before", before[name])
            if extract.disclosure == row["disclosure"] and extract.table_id in self._tables_of(side, row):
                cause = "new" if name in after else "withdrawn" if name in self.extracts.withdrawn else "gone"
                one = 1 if name in after else -1
                found.append(_without_lines(cause, one, one) | {"what": {"extract_id": name}})
        return found

    def _tables_of(self, side: str, row: Mapping[str, Any]) -> set[str]:
        """Return the tables of an answer to the question of a figure of coverage."""
        query = f"select table_id from {side}.source_table where disclosure = ? and question = ?"
        return {t["table_id"] for t in ask(self.db, query, [row["disclosure"], row["table_id"]])}


def _without_lines(cause: str, low: int | None, high: int | None) -> Part:
    """Return a part that no line is told of; `low` and `high` are None where a percentage is not split."""
    deltas = {"delta_min": low, "delta_max": high, "delta_open": 0}
    return {"cause": cause, "what": {"differs": []}, **deltas, "n": 0, "lines": []}


def _is_counted(row: Mapping[str, Any]) -> bool:
    """Return True where a figure is counted from lines itself, rather than derived."""
    return isinstance(TABLES.get(row["figure_table"]), CountedTable) or row["figure_table"] == "printed"


def _rest(row: Mapping[str, Any], low: int, high: int) -> tuple[int, int] | None:
    """Return what parts of `low` and `high` leave unexplained of a figure's least and most, None where they add up.

    An unknown count adds nothing to the least. The most is compared where it has an end on both sides.
    """
    closed = all(v is None or v["value_max"] is not None for v in (row["before"], row["after"]))
    low = _number(row["after"], "value_min") - _number(row["before"], "value_min") - low
    high = _number(row["after"], "value_max") - _number(row["before"], "value_max") - high if closed else 0
    return None if low == high == 0 else (low, high)


def _number(values: Mapping[str, Any] | None, name: str) -> int:
    return 0 if values is None or values[name] is None else int(values[name])


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure as it is told, whole numbers as such."""
    return {
        "id": row["own_id"],
        "figure_table": row["figure_table"],
        "change": row["change"],
        "unit": row["unit"],
        "synthetic": row["synthetic"],
        **{side: _values(row[side], row["unit"]) for side in ("before", "after")},
    }


def _values(values: Mapping[str, Any] | None, unit: str) -> dict[str, Any] | None:
    if values is None:
        return None
    plain = {name: values[name] for name in COMPARED}
    if unit != "percent":
        plain |= {n: None if plain[n] is None else int(plain[n]) for n in ("value", "value_min", "value_max")}
    return plain


def _release(db: duckdb.DuckDBPyConnection, side: str, release: ReleaseFile) -> dict[str, Any]:
    published = ask(db, f"select published_at from {side}.release_info")[0]["published_at"]
    return {"number": release.number, "digest": release.digest, "published_at": published}


def _extracts(db: duckdb.DuckDBPyConnection, extracts: Extracts) -> dict[str, list[str]]:
    """Return which extracts are new, gone, withdrawn, of other bytes, and of the same with labels read otherwise."""
    before, after = extracts.before, extracts.after
    otherwise = {row["extract_id"] for row in ask(db, labels_read_otherwise("distinct extract_id"))}
    return {
        "new": sorted(after.keys() - before.keys()),
        "gone": sorted(before.keys() - after.keys() - extracts.withdrawn),
        "withdrawn": sorted(extracts.withdrawn),
        "changed": sorted((before.keys() & after.keys()) - extracts.same_file),
        "read_otherwise": sorted(otherwise & extracts.same_file),
    }
