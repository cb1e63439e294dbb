"""Findings: what a person must know of a workbook before its rows are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.intake.areas import address, column_bits, column_letters
from pipeline.intake.sheets.sheet import Sheet

HIDDEN: frozenset[str] = frozenset(
    {
        "hidden_sheet",
        "hidden_row",
        "filtered_row",
        "hidden_column",
        "hidden_value",
        "hidden_data",
        "comment",
        "external_link",
    }
)
"""Kinds of findings that a reader of the sheet does not see, and that may show more than the force meant to give."""


@dataclass(frozen=True)
class Finding:
    """Something about a workbook that a person must know before its rows are taken.

    `kind` is one of `HIDDEN`, or formula, formula_without_value, merged, displayed_otherwise, macro, unseen. `sheet` is
    empty where it is about the workbook; `address` is a cell ("C7"), an area ("A1:C2"), rows ("5:9"), columns ("C:E")
    or empty. `words` never hold what a cell or a note says.
    """

    kind: str
    sheet: str
    address: str
    words: str


PIVOT_ROWS = "a pivot table that keeps its source rows"
EARLIER_VALUES = "a log of earlier values"


def about_workbook(kind: str, words: str) -> Finding:
    """Return a finding about a whole workbook."""
    return Finding(kind, "", "", words)


def macro() -> Finding:
    """Return the finding of a program in a workbook."""
    return about_workbook("macro", "a program (macro); it is not run")


def embedded_files(count: int) -> Finding:
    """Return the finding of files inside of a workbook."""
    return about_workbook("hidden_data", f"embedded files ({count})")


_TALLY_WORDS = {
    "formula": "with a formula; the value stored with it is read",
    "formula_without_value": "with a formula and no stored value; read as empty",
    "displayed_otherwise": "shown as another text than the stored value that is read",
    "hidden_value": "with a value that is not shown",
    "comment": "with a note, which may hold personal data",
}


def sheet_findings(seen: Sheet) -> Iterator[Finding]:
    """Yield what is found about one sheet; hidden rows and columns only where they hold something."""
    if seen.state:
        yield Finding("hidden_sheet", seen.name, "", f"a {seen.state} sheet that holds {_cells(seen.cells_within())}")
    for kind, how, rows in (
        ("hidden_row", "hidden", seen.hidden_rows),
        ("filtered_row", "filtered out", seen.filtered_rows),
    ):
        for run in _runs(rows):
            if cells := seen.cells_within(rows=run):
                yield Finding(kind, seen.name, f"{run[0]}:{run[1]}", f"{how} rows that hold {_cells(cells)}")
    for first, last in _runs(seen.hidden_columns):
        if cells := seen.cells_within(bits=column_bits(first, last)):
            where = f"{column_letters(first)}:{column_letters(last)}"
            yield Finding("hidden_column", seen.name, where, f"hidden columns that hold {_cells(cells)}")
    for area in seen.merged:
        yield Finding("merged", seen.name, str(area), "merged cells; the value is in the first, the others are empty")
        under = seen.cells_within((area.top, area.bottom), area.bits)
        under -= seen.used.get(area.top, 0) >> (area.left - 1) & 1
        if under:
            words = f"{_cells(under)} under merged cells, with a value that is not shown"
            yield Finding("hidden_value", seen.name, str(area), words)
    for (kind, detail), tally in sorted(seen.tallies.items()):
        words = f"{_cells(tally.count)} {_TALLY_WORDS[kind]}" + (f" ({detail})" if detail else "")
        yield Finding(kind, seen.name, address(*tally.first), words)


def _runs(parts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges in order, those that touch or overlap as one."""
    run: tuple[int, int] | None = None
    for first, last in sorted(parts):
        if run is not None and first <= run[1] + 1:
            run = (run[0], max(run[1], last))
            continue
        if run is not None:
            yield run
        run = (first, last)
    if run is not None:
        yield run


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
