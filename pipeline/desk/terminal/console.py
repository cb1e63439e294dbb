"""The terminal: where words, numbers and tables go, and questions come from."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

PIPED_WIDTH = 160
"""Columns where nobody's terminal says how many there are."""

WIDEST = 10_000
"""Columns of a table that no terminal shows."""


def _console() -> Console:
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, soft_wrap=not known, width=None if known else PIPED_WIDTH)


console = _console()

errors = Console(stderr=True, highlight=False)

SHOWN_LINES = 20

SHOWN_FIGURES = 200

SHOWN_ROWS = 3


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield a function that is told what is going on and shows it on standard error."""
    if quiet:
        yield lambda words: None
        return
    with errors.status("") as state:
        yield lambda words: state.update(escape(words))


def number(value: float | int | None) -> str:
    """Return a figure as people write it."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def value_of(figure: Mapping[str, Any]) -> str:
    """Return the value of a figure with its unit, or its interval, or a dash."""
    unit = "%" if figure["unit"] == "percent" else f" {figure['unit'].replace('_', ' ')}"
    if figure["value"] is not None:
        return number(figure["value"]) + unit
    if figure["value_min"] is not None:
        upper = "or more" if figure["value_max"] is None else f"to {number(figure['value_max'])}"
        return f"{number(figure['value_min'])} {upper}{unit}"
    return "–"


def new_table(*columns: str, right: Sequence[str] = ()) -> Table:
    """Return an empty table without borders, `right` naming the columns of numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def show_table(table: Table) -> None:
    """Show a table; where nobody's terminal is known, with a row on one line, for other programs to read."""
    if not console.soft_wrap:
        console.print(table)
        return
    wide = Console(file=StringIO(), width=WIDEST, highlight=False)
    with wide.capture() as capture:
        wide.print(table)
    console.print("\n".join(line.rstrip() for line in capture.get().splitlines()), markup=False)


def ask(question: Any) -> str:
    """Return what a person says to a question; the bare return key takes what is proposed."""
    console.print(f"[bold]{escape(question.key)}[/bold]: {escape(question.words)}")
    return str(
        click.prompt(">", default=question.proposed or "", show_default=bool(question.proposed), prompt_suffix=" ")
    )


def tell(words: str) -> None:
    """Tell a person something on standard error."""
    errors.print(escape(words))


def part_of(address: Mapping[str, Any] | None) -> str:
    """Return which part of its file an extract is, in words; empty for lines of text."""
    if address is None:
        return ""
    from pipeline.intake.cells import address_words

    return f"  {escape(address_words(address))}"
