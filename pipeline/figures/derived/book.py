"""The book that derived figures are made from: the parents at hand, and what every derived figure has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.figures import builder
from pipeline.figures.catalogue import (
    FIGURE_COLUMNS,
    SCOPE,
    TABLES,
    CountedTable,
    DerivedTable,
)
from pipeline.figures.facts import TableFacts

Figure = dict[str, Any]


def percent(numerator: int, denominator: int) -> float:
    """Return 100 x numerator / denominator to one decimal, halves away from zero."""
    doubled = (abs(numerator) * 2000 + denominator) // (2 * denominator)
    return (doubled if numerator >= 0 else -doubled) / 10


class Book:
    """The parents at hand: figures by table, facts by table of a disclosure, lines of counts figures."""

    def __init__(self, inputs: builder.FigureInputs, figures: Mapping[str, list[Figure]]) -> None:
        self.inputs = inputs
        self.figures = figures
        self.facts: dict[tuple[str, str], TableFacts] = {f.key: f for f in inputs.facts}

    def facts_of(self, figure: Figure) -> TableFacts:
        """Return the facts of the table that a figure is counted from."""
        return self.facts[(figure["disclosure"], figure["table_id"])]

    def cells(self, name: str) -> Iterator[list[Figure]]:
        """Yield the figures of each cell of a counted table, in order of time."""
        table = TABLES[name]
        if not isinstance(table, CountedTable):
            raise TypeError(f"{name} is not counted")
        keys = (*SCOPE, *(d for d in table.dimensions if d != table.period_kind))
        cells: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
        for figure in self.figures[name]:
            cells[tuple(figure[k] for k in keys)].append(figure)
        for cell in cells.values():
            yield sorted(cell, key=lambda f: (f["period_start"], f["period_end"]))

    def distinct_lines(self, parents: Sequence[Figure]) -> int:
        """Return how many source records are behind several parents.

        Records are in one period and one cell each, so theirs add up; one line of a wide table is in many.
        """
        if not parents or self.facts_of(parents[0]).terms.layout == "records":
            return sum(p["n"] for p in parents)
        lines = self.inputs.lines_of_counts
        return len(set().union(*(lines.get(p["id"], set()) for p in parents)))


def derived(table: DerivedTable, parent: Figure, identity: str, **values: Any) -> Figure:
    """Return a derived figure in the scope of its parent; `values` override."""
    plain = parent["id"].removeprefix("synthetic/")
    figure = {name: parent.get(name) for name in _COMMON}
    figure |= {
        "id": ("synthetic/" if parent["synthetic"] else "") + f"{table.name}/{identity or plain}",
        "value": None,
        "value_min": None,
        "value_max": None,
        "reason": None,
        "of_table": plain.split("/")[0],
        "numerator": None,
        "denominator": None,
        "parents": [parent["id"]],
    }
    return figure | values


_COMMON = (*FIGURE_COLUMNS, "platform", "offence", "outcome", "age", "year", "month")


def exactly(number: float | int) -> dict[str, Any]:
    """Return the three values of a figure that is known exactly."""
    return {"value": number, "value_min": number, "value_max": number}


def period_of(figure: Figure) -> str:
    """Return the year or month of a figure."""
    return str(figure.get("year") or figure.get("month"))


def year_key(figure: Figure) -> tuple[Any, ...]:
    """Return scope and year of a figure."""
    return tuple(figure[k] for k in (*SCOPE, "year"))


def by_year(figures: Iterable[Figure]) -> dict[tuple[Any, ...], list[Figure]]:
    """Return figures by scope and year."""
    grouped: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        grouped[year_key(figure)].append(figure)
    return grouped
