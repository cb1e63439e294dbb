"""Changes: which figures of two releases differ, and why, each difference split over its causes without a rest.

Of counted figures and printed cells the parts add up to the difference, least and most each for itself. A derived
figure is told by the changes of its parents. Reads releases and store files; builds nothing, and imports neither
Dagster nor pandas.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.figures.catalogue import TABLES
from pipeline.lineage.changes.causes import causes
from pipeline.lineage.changes.figures import (
    Compared,
    NotComparable,
    attach,
    compare_figures,
    find_figure,
    said_otherwise,
)
from pipeline.lineage.changes.lines import Extracts, labels_read_otherwise, pair_kinds
from pipeline.lineage.changes.split import Split, plain
from pipeline.lineage.changes.withdrawn import changes_by_withdrawal, last_removed, told_same, withdrawals_of
from pipeline.lineage.vintages import replaced_answers
from pipeline.store.duck import ask, opened
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, current_release, release_files

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
    removed `a`, what its line in the log and the tombstone prove is told (withdrawn.py): withdrawals [{disclosure,
    date, reason}], no values before, and under `unknown` the figures of which nobody can say whether they changed.

    a, b: {number, digest, published_at}. extracts: ids {new, gone, withdrawn, changed, read_otherwise}. lines: how many
    are new, gone, revised, whether or not that changes a figure. causes: over all figures that are told, see
    causes.causes. figures: LISTS and unknown, each [{id, figure_table, change, unit, synthetic, before, after, parts,
    parents}]; before and after are {value, value_min, value_max, unit, n, reason}, None where there is no such figure.
    parts: see causes.parts. parents: of derived figures those that changed and decide them, with their parts where one
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
    """Return what is known of the figures that are asked for after a withdrawal, with the keys that `changes` has."""
    _check_table(asked)
    found = changes_by_withdrawal(places, number, after)
    same = found.pop("proved_same")
    told = {name: [f for f in own if _is_wanted(f, asked)] for name, own in found["figures"].items()}
    one = None
    if asked.figure is not None:
        one = next((f for own in told.values() for f in own), None)
        if one is None and asked.figure in same:
            one = told_same(same[asked.figure])
        if one is None:
            raise NotComparable(
                f"no figure {asked.figure!r} in release {after.number} or among those that were withdrawn; whether "
                f"release {number} had it is not held"
            )
    left_out = sum(len(own) for own in found["figures"].values()) - sum(len(own) for own in told.values())
    return found | {
        "answers": None,
        "lines": {},
        "causes": [],
        "figures": told,
        "asked": one,
        "made_up": 0 if asked.figure or asked.table or asked.synthetic else left_out,
        "said_otherwise": [],
    }


def _is_wanted(told: Mapping[str, Any], asked: Asked) -> bool:
    if asked.figure is not None:
        return bool(told["id"] == asked.figure)
    return asked.table in (None, told["figure_table"]) and (asked.synthetic or not told["synthetic"])


def _check_table(asked: Asked) -> None:
    """Raise NotComparable where the table that is asked for is none."""
    if asked.table is not None and asked.table not in TABLES:
        raise NotComparable(f"no figure table {asked.table!r}; there are {', '.join(TABLES)}")


def _changes(places: Places, compared: Compared, asked: Asked) -> dict[str, Any]:
    _check_table(asked)
    with closing(duckdb.connect()) as db:
        attach(db, compared)
        compare_figures(db, compared)
        one = None if asked.figure is None else find_figure(db, asked.figure)
        wanted = asked if one is None else Asked(figure=one["id"])
        split = Split(db, places, compared)
        rows = [row for row in split.touched.values() if _is_wanted(row, wanted)]
        split.find_parts(rows, in_full=one is not None)
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
            "figures": {name: [figure for figure in told if figure["change"] == name] for name in (*LISTS, "unknown")},
            "same": ask(db, "select count(*) as n from figure_change")[0]["n"] - len(split.touched),
            "asked": None if one is None else plain(split.touched.get(one["id"], one)),
            "made_up": made_up,
            "said_otherwise": said_otherwise(db, wanted.table, wanted.figure, wanted.synthetic),
        }


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
