"""Figures over time: the change from one year to the next, and sums over adjacent periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from pipeline.figures.catalogue import (
    PERIOD_SUM,
    YEAR_CHANGE,
)
from pipeline.figures.derived.book import Book, Figure, derived, exactly, percent, period_of

CHANGE_BASE = 20
"""A change from a smaller count is not given: one case more would look like a trend."""


def year_changes(book: Book) -> Iterator[Figure]:
    """Yield the change of every cell from one year to the next."""
    for name in YEAR_CHANGE.parents:
        for cell in book.cells(name):
            for earlier, later in pairwise(cell):
                if earlier["period_end"] == later["period_start"]:
                    yield _year_change(book, earlier, later)


def _year_change(book: Book, earlier: Figure, later: Figure) -> Figure:
    reason = _incomparable(book, earlier, later)
    if reason is None and earlier["value"] < CHANGE_BASE:
        reason = f"base below {CHANGE_BASE}"
    given = {} if reason else exactly(percent(later["value"] - earlier["value"], earlier["value"]))
    return derived(
        YEAR_CHANGE,
        later,
        "",
        unit="percent",
        part=earlier["part"] or later["part"],
        numerator=later["value"],
        denominator=earlier["value"],
        n=book.distinct_lines([earlier, later]),
        reason=reason,
        parents=[earlier["id"], later["id"]],
        **given,
    )


def _incomparable(book: Book, earlier: Figure, later: Figure) -> str | None:
    facts = book.facts_of(later)
    if facts.is_cut:
        return f"the table is cut ({later['complete']})"
    for figure in (earlier, later):
        if figure["part"]:
            return f"{period_of(figure)} is a part year"
    if earlier["value"] is None or later["value"] is None:
        return "a count is not exact"
    for extract in facts.extracts:
        for pause in extract.terms.breaks or ():
            if earlier["period_start"] < pause.date < later["period_end"]:
                return f"recording changed on {pause.date}: {pause.text}"
    return None


def period_sums(book: Book) -> Iterator[Figure]:
    """Yield the sum of every cell over its longest run of whole periods."""
    for name in PERIOD_SUM.parents:
        for cell in book.cells(name):
            yield _period_sum(book, cell)


def _period_sum(book: Book, cell: list[Figure]) -> Figure:
    run = _longest_run(cell)
    first, last = (run[0], run[-1]) if run else (cell[0], cell[-1])
    plain = last["id"].removeprefix("synthetic/").removesuffix("/" + period_of(last))
    identity = f"{plain}/{period_of(first)}--{period_of(last)}"
    values: dict[str, Any] = {}
    reason = None
    if book.facts_of(last).is_cut:
        reason = f"the table is cut ({last['complete']})"
    elif len(run) < 2:
        reason = "fewer than two adjacent whole periods"
    else:
        low = sum(f["value_min"] for f in run)
        high = None if any(f["value_max"] is None for f in run) else sum(f["value_max"] for f in run)
        values = {"value": low if low == high else None, "value_min": low, "value_max": high}
        reason = None if low == high else "a count is not exact"
    parents = run or cell
    return derived(
        PERIOD_SUM,
        last,
        identity,
        period_start=first["period_start"],
        part=any(f["part"] for f in parents),
        n=book.distinct_lines(parents),
        reason=reason,
        parents=[f["id"] for f in parents],
        **({"year": None, "month": None} | values),
    )


def _longest_run(cell: Iterable[Figure]) -> list[Figure]:
    """Return the longest run of adjacent whole periods, the latest of equally long ones."""
    best: list[Figure] = []
    run: list[Figure] = []
    for figure in cell:
        if figure["part"]:
            run = []
            continue
        run = [*run, figure] if run and run[-1]["period_end"] == figure["period_start"] else [figure]
        if len(run) >= len(best):
            best = run
    return best
