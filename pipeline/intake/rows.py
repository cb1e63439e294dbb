"""Rows: what every kind of source gives, each with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One row of a source, all text.

    `line_no` is the physical line on which it starts, or in a sheet or a letter's table the row, 1-based; `lines` how
    many of those it takes; `text` how it stands there, without its line end; `fields` its fields, None where a quote
    stands where none may; `ended` is False for a last line without a line end.
    """

    line_no: int
    lines: int
    text: str
    fields: tuple[str, ...] | None
    ended: bool = True
