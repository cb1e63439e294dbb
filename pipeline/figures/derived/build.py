"""Building the files of derived figure tables from those of their parents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipeline.figures import builder
from pipeline.figures.catalogue import (
    CHARGE_RATE,
    COVERAGE,
    FORCES_PLATFORM_YEAR,
    PERIOD_SUM,
    PLATFORM_SHARE,
    PRINTED,
    YEAR_CHANGE,
    DerivedTable,
)
from pipeline.figures.derived.book import Book, Figure
from pipeline.figures.derived.forces import coverages, forces_platform_years
from pipeline.figures.derived.over_time import period_sums, year_changes
from pipeline.figures.derived.printed import printed_query
from pipeline.figures.derived.rates import charge_rates, platform_shares
from pipeline.figures.derived.writing import write_query, write_rows


def build_derived(table: DerivedTable, inputs: builder.FigureInputs, parents: Mapping[str, Path], path: Path) -> None:
    """Build the file of a derived figure table from the files of its parents."""
    if table is PRINTED:
        write_query(inputs.db, path, printed_query())
        return
    figures = {name: builder.read_figures(parent) for name, parent in parents.items()}
    book = Book(inputs, figures)
    write_rows(inputs.db, path, table, sorted(_MAKERS[table.name](book), key=lambda f: f["id"]))


_MAKERS: dict[str, Callable[[Book], Iterator[Figure]]] = {
    YEAR_CHANGE.name: year_changes,
    PERIOD_SUM.name: period_sums,
    CHARGE_RATE.name: charge_rates,
    PLATFORM_SHARE.name: platform_shares,
    FORCES_PLATFORM_YEAR.name: forces_platform_years,
    COVERAGE.name: coverages,
}
