"""What the columns of each figure table are made from: the column lineage of the catalogue, as pure data.

Here: which columns a table has and the sources of each, in the words of schemas/columns.py; `parents.x` is the column x
of every table that a derived one comes from. Not here: the walk over all layers (pipeline/lineage/columns.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.figures.catalogue import (
    CHARGE_RATE,
    COVERAGE,
    FORCES_PLATFORM_YEAR,
    PERIOD_SUM,
    PLATFORM_SHARE,
    PRINTED,
    SCOPE,
    TABLES,
    YEAR_CHANGE,
    CountedTable,
)
from schemas.columns import FIGURE, OF_FIGURES

Sources = Mapping[str, tuple[str, ...]]
"""The columns of a table, each with what it is made from; with nothing, it is the same in every row."""

_PERIOD = ("observations.period", "observations.period_basis")
_DIMENSIONS: Sources = {
    "month": _PERIOD,
    "year": _PERIOD,
    "platform": ("observations.platforms",),
    **{name: (f"observations.{name}",) for name in ("offence", "outcome", "age")},
}
_IS_COUNTED = tuple(
    f"observations.{name}" for name in ("layout", "kind", "part_no", "dimensions", "constants", "uncertain")
)
"""What decides whether a table counts an observation at all."""


def _counted(table: CountedTable) -> Sources:
    """Return the columns of a counted table: its dimensions decide what is in a cell, and which cells there are."""
    common = {name: column.sources for name, column in FIGURE.items()}
    if table.period_kind == "month":
        common["year_basis"] = ()
    dimensions = {name: _DIMENSIONS[name] for name in table.dimensions}
    zeros = _zeros(table)
    there = (*_IS_COUNTED, *zeros)
    if "platform" in dimensions:
        dimensions["platform"] += _IS_COUNTED + tuple(z for z in zeros if z != "disclosure.covers")
    cell = tuple(dict.fromkeys(source for sources in (*dimensions.values(), there) for source in sources))
    bases = () if table.period_kind == "month" else ("year_basis",)
    return {
        **common,
        "id": (*SCOPE, *table.dimensions, "synthetic"),
        **{name: (*common[name], *_IS_COUNTED) for name in bases},
        **{name: (*common[name], *there) for name in ("period_start", "period_end", "part")},
        **{name: sources if name == "platform" else (*sources, *there) for name, sources in dimensions.items()},
        **{name: (*common[name], *cell) for name in ("value_min", "value_max", "n")},
        "observations": cell,
    }


def _zeros(table: CountedTable) -> tuple[str, ...]:
    """Return what decides which cells a table has although no record is in them: zeros by absence."""
    if not set(table.dimensions) <= {"platform", "month", "year"}:
        return ()
    searched = ("disclosure.search",) if "platform" in table.dimensions else ()
    return ("disclosure.covers", "disclosure.complete", *searched)


def _of_parents(*names: str) -> Sources:
    """Return the columns that a derived figure has from its parents, `names` its dimensions."""
    taken = (
        *("id", "force", *SCOPE, *names, "period_start", "period_end", "part"),
        *("n", "complete", "evidence", "synthetic", "superseded_by", "caveats"),
    )
    return {name: (f"parents.{name}",) for name in taken} | {"of_table": (), "parents": ("parents.id",)}


def _percent(*more: str) -> Sources:
    """Return the columns of a percentage: it is given or not for what its reason says, and `more`."""
    decides = ("numerator", "denominator", "part", "disclosure.complete", *more)
    return {
        "unit": (),
        **dict.fromkeys(("value", "value_min", "value_max"), decides),
        "reason": (*decides, "complete"),
    }


_OBSERVED = (
    *("period_label", "offence_label", "outcome_label", "platform_label", "age_label", "other", "printed"),
    *("extract_id", "record_no", "line_no", "source_column", "part_no", "period_start", "period_end"),
)
_CRIMES = ("crimes_year.value", "offence_year.value")
_CELLS = ("outcome_year.value", "offence_outcome_year.value")
_OUTCOMES = (*_CELLS, "outcome_year.outcome", "offence_outcome_year.outcome", "offence_outcome_year.offence")

_TOGETHER = ("disclosure.question", "parents.platform", "parents.year", "parents.year_basis")
_OVER_FORCES = ("parents.value", "parents.force", "parents.part", "disclosure.complete", *_TOGETHER)

_DERIVED: Mapping[str, Sources] = {
    PRINTED.name: {
        **{name: column.sources for name, column in FIGURE.items()},
        "id": ("extract_id", "record_no", "source_column", "part_no", "synthetic"),
        **{name: (f"observations.{name}",) for name in _OBSERVED},
        "kind": OF_FIGURES["kind"].sources,
        "year_basis": ("observations.period_basis",),
        "part": (),
        "n": (),
        "reason": ("value_min", "value_max", "observations.count_rule"),
    },
    YEAR_CHANGE.name: {
        **_of_parents("platform", "offence", "outcome", "age", "year"),
        **_percent("disclosure.breaks"),
        "numerator": ("parents.value",),
        "denominator": ("parents.value",),
    },
    PERIOD_SUM.name: {
        **_of_parents("platform", "offence", "outcome", "age"),
        "value": ("value_min", "value_max"),
        "value_min": ("parents.value_min", "parents.part", "disclosure.complete"),
        "value_max": ("parents.value_max", "parents.part", "disclosure.complete"),
        "reason": ("value_min", "value_max", "complete"),
    },
    CHARGE_RATE.name: {
        **_of_parents("year"),
        **_percent(*_CRIMES, *_CELLS, "crimes_year.unit", "offence_year.unit", "disclosure.uncertain"),
        "n": ("crimes_year.n", "offence_year.n"),
        "offence": ("offence_year.offence",),
        **dict.fromkeys(
            ("numerator", "denominator", "type_1_only", "not_yet_assigned", "cancelled", "fraud"), _OUTCOMES
        ),
        "not_notifiable": (*_CELLS, "offence_outcome_year.offence"),
        "no_outcome_printed": (*_CRIMES, *_OUTCOMES),
    },
    PLATFORM_SHARE.name: {
        **_of_parents("platform", "year"),
        **_percent(),
        "numerator": ("parents.value",),
        "denominator": ("parents.value", "parents.platform"),
        "n": ("parents.n", "parents.platform"),
    },
    FORCES_PLATFORM_YEAR.name: {
        **_of_parents("platform", "year"),
        **dict.fromkeys(("force", "disclosure", "synthetic", "superseded_by"), ()),
        "id": ("question", "unit", "date_basis", "year_basis", "platform", "year"),
        "table_id": ("question",),
        "question": ("disclosure.question",),
        **dict.fromkeys(("value", "value_min", "value_max", "reason"), _OVER_FORCES),
        "complete": ("reason",),
        "evidence": ("parents.evidence", *_TOGETHER),
        "caveats": ("parents.caveats", *_TOGETHER),
        "n": ("parents.n", *_TOGETHER),
        "parents": ("parents.id", *_TOGETHER),
        "forces": ("parents.force", "parents.disclosure", *_TOGETHER),
        "absent": ("parents.force", "disclosure.answers", "disclosure.force", "disclosure.reference", *_TOGETHER),
    },
    COVERAGE.name: {
        **dict.fromkeys(("unit", "date_basis", "year_basis", "period_end", "part", "n", "evidence"), ()),
        **dict.fromkeys(("superseded_by", "caveats", "of_table", "parents"), ()),
        "id": ("force", "question", "disclosure", "synthetic"),
        "force": ("disclosure.force",),
        "disclosure": ("disclosure.force", "disclosure.reference", "disclosure.answers"),
        "table_id": ("question",),
        "period_start": ("disclosure.responded",),
        **dict.fromkeys(("value", "value_min", "value_max"), ("disclosure.answers", "disclosure.question")),
        "reason": ("disclosure.answers",),
        "complete": ("disclosure.holding", "disclosure.answers"),
        "synthetic": ("disclosure.force",),
        **dict.fromkeys(("question", "decision", "exemptions"), ("disclosure.answers",)),
        "holding": ("disclosure.holding", "disclosure.answers"),
    },
}


@cache
def figure_sources(name: str) -> Sources:
    """Return the columns of a figure table, the common ones first, each with what it is made from.

    Raises KeyError for an unknown table.
    """
    table = TABLES[name]
    found = _counted(table) if isinstance(table, CountedTable) else _DERIVED[name]
    return {column: found[column] for column in (*FIGURE, *OF_FIGURES) if column in found}
