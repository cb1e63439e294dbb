"""Trace: from a figure of the release in force back to the lines it was counted from.

Kept light on purpose: it answers from a new process in well under a second, so it imports neither Dagster nor pandas
nor the manifest model, and reads all it needs from the release and the store files that it lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.lineage.trace import around
from pipeline.lineage.trace.finding import (
    NotFound,
    definition,
    find_figure,
    formula,
    parents_of,
    release_in_force,
    release_words,
    table_of,
    why_no_lines,
)
from pipeline.lineage.trace.lines import ExtractLines
from pipeline.lineage.trace.members import (
    CHUNK,
    EVERY,
    Cells,
    Member,
    among_records,
    cells_behind,
    extracts_behind,
    observe,
    records_behind,
)
from pipeline.store.duck import opened
from pipeline.store.places import Places

__all__ = ["FIRST_LINES", "NotFound", "Trace", "trace", "traced"]

FIRST_LINES = 50
"""Lines of a figure that are told unless all are asked for."""

LABELS_COUNTED = 500_000
"""Records of extracts up to which labels are counted over all lines though only the first of them are asked for."""


@dataclass(frozen=True)
class Trace:
    """A figure opened: `about` has everything but the lines, `lines` yields those as they are asked for."""

    about: dict[str, Any]
    lines: Iterator[dict[str, Any]]


def trace(places: Places, figure_id: str, first: int | None = FIRST_LINES) -> dict[str, Any]:
    """Return everything behind one figure of the release in force, with its first lines; None = all of them.

    The keys are those of `traced`, and `lines` [{extract_id, file, address, place, sha256, record_no, line_no, lines,
    cells, text, as_ingested}]; figure.n says how many there are. Raises NotFound.
    """
    with traced(places, figure_id, first) as found:
        return {**found.about, "lines": list(found.lines)}


@contextmanager
def traced(places: Places, figure_id: str, first: int | None = None) -> Iterator[Trace]:
    """Yield a figure of the release in force, opened; its lines can be taken while the block lasts.

    Keys of `about`: figure, table, definition, formula, sql, release {number, digest, published_at}, parents [{id,
    value, value_min, value_max, unit, n, parents}], labels [{dimension, label, code, n, status, rule, source}],
    labels_of (`all lines`, or `the lines shown` of a large extract), constants, controls, caveats, checks, extracts,
    why_no_lines. Raises NotFound.
    """
    release = release_in_force(places)
    with opened(release.path) as db:
        figure = find_figure(db, figure_id)
        cells = cells_behind(db, figure)
        behind = extracts_behind(db, cells)
        found = _found(db, places, cells, behind, figure["n"], first)
        shown = None if first is None else list(found)
        of_shown = shown is not None and (
            sum(extract["records"] for extract in behind) > LABELS_COUNTED or figure["n"] <= FIRST_LINES
        )
        among = EVERY
        if of_shown and shown is not None:
            among = among_records(shown)
        if behind:
            observe(db, places, [extract["extract_id"] for extract in behind])
        parents = parents_of(db, figure)
        about = {
            "figure": figure,
            "table": table_of(figure_id),
            "definition": definition(db, table_of(figure_id)),
            "formula": formula(figure, parents),
            "sql": around.runnable_sql(figure),
            "release": release_words(db),
            "parents": parents,
            "labels": around.labels(db, cells, among) if figure["n"] and behind else [],
            "labels_of": "the lines shown" if of_shown and figure["n"] > FIRST_LINES else "all lines",
            "constants": around.constants(db, cells) if behind else [],
            "controls": around.controls(db, cells) if behind else [],
            "caveats": around.caveats(db, figure),
            "checks": around.checks(db, figure, behind),
            "extracts": around.extracts(db, behind),
            "why_no_lines": None if figure["n"] else why_no_lines(db, figure),
        }
        lines = (
            line for extract, records in shown or found for line in ExtractLines(db, places, extract).told(records)
        )
        yield Trace(about, lines)


def _found(
    db: duckdb.DuckDBPyConnection,
    places: Places,
    cells: Sequence[Cells],
    behind: Sequence[dict[str, Any]],
    n: int,
    first: int | None,
) -> Iterator[tuple[dict[str, Any], list[Member]]]:
    """Yield the records behind a figure with their extract, some at a time, up to the first ones that are wanted."""
    left = n if first is None else min(n, first)
    for extract in behind:
        for records in records_behind(db, places, cells, extract, min(left, CHUNK)) if left else ():
            wanted = records[:left]
            left -= len(wanted)
            yield extract, wanted
            if not left:
                return
