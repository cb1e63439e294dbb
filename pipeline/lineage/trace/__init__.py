"""Trace: from a figure of the release in force back to the lines it was counted from.

Kept light on purpose: it answers from a new process in well under a second, so it imports neither Dagster nor pandas
nor the manifest model, and reads all it needs from the release and the store files that it lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pipeline.lineage.trace import around
from pipeline.lineage.trace.as_sql import figure_sql
from pipeline.lineage.trace.cells import behind
from pipeline.lineage.trace.finding import (
    NotFound,
    definition,
    find_figure,
    formula,
    in_short,
    parents_of,
    release_in_force,
    release_words,
    table_of,
    why_no_lines,
)
from pipeline.lineage.trace.lines import ExtractLines
from pipeline.lineage.trace.members import all_members, first_members
from pipeline.store.duck import kept_open, opened
from pipeline.store.places import Places

__all__ = ["FIRST_LINES", "NotFound", "Trace", "figure_sql", "trace", "traced"]

FIRST_LINES = 50
"""Lines of a figure that are told unless all are asked for."""

LABELS_COUNTED = 500_000
"""Records up to which labels are counted over all lines though only the first of them are asked for."""


@dataclass(frozen=True)
class Trace:
    """A figure opened: `about` has everything but the lines, `lines` yields those as they are asked for."""

    about: dict[str, Any]
    lines: Iterator[dict[str, Any]]


def trace(places: Places, figure_id: str, first: int | None = FIRST_LINES) -> dict[str, Any]:
    """Return everything behind one figure of the release in force, with its first lines; None = all of them.

    The keys are those of `traced`, and `lines` [{extract_id, file, address, place, sha256, record_no, line_no, lines,
    cells, text, ingested_text, as_ingested}]; figure.n says how many there are. Raises NotFound.
    """
    with traced(places, figure_id, first) as found:
        return {**found.about, "lines": list(found.lines)}


@contextmanager
def traced(places: Places, figure_id: str, first: int | None = None) -> Iterator[Trace]:
    """Yield a figure of the release in force, opened; its lines can be taken while the block lasts.

    Keys of `about`: figure, table, definition, formula, release {number, digest, published_at}, parents [{id,
    value, value_min, value_max, unit, n, parents}], labels [{dimension, label, code, n, status, rule, source}],
    labels_of (`all lines`, or `the lines shown` of a large extract), constants, controls, caveats, checks, extracts,
    why_no_lines. Raises NotFound.
    """
    release = release_in_force(places)
    with (opened if first is None else kept_open)(release.path) as db:
        figure = find_figure(db, figure_id)
        parents = parents_of(db, figure)
        stands = behind(db, figure, parents)
        wanted = figure["n"] if first is None else min(figure["n"], first)
        # of a table of counts all is read, since a record may be in totals though it is not shown; hardly one is large
        large = sum(e["records"] for e in stands.extracts if e["layout"] == "records") > LABELS_COUNTED
        some = large and first is not None
        if some:
            members = first_members(db, places, stands, wanted)
        else:
            members = all_members(db, places, stands, wanted, LABELS_COUNTED)
        about = {
            "figure": figure,
            "table": table_of(figure_id),
            "definition": definition(db, table_of(figure_id)),
            "formula": formula(figure, parents),
            "release": release_words(db),
            "parents": in_short(parents),
            "labels": around.labels(stands.labels, members.labels),
            "labels_of": "the lines shown" if some and wanted < figure["n"] else "all lines",
            "constants": around.constants(db, stands.cells) if stands.extracts else [],
            "controls": around.controls(db, stands.cells, members.printed) if stands.extracts else [],
            "caveats": around.caveats(db, figure),
            "checks": around.checks(db, figure, stands.extracts),
            "extracts": around.extracts(db, stands.extracts),
            "why_no_lines": None if figure["n"] else why_no_lines(db, figure),
        }
        yield Trace(
            about, (line for e, records in members.records for line in ExtractLines(db, places, e).told(records))
        )
