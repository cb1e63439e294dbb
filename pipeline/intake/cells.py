"""Cells: the rows of an extract that is no lines of text but a sheet, a table in a letter, or a count in a sentence.

An address says which, as plain JSON: {sheet, cells}, {letter_table} or {quote, line, page}. The libraries for workbooks
and letters are imported only where one is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.intake.manifest import Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row

if TYPE_CHECKING:
    from pipeline.intake.sheets import Finding

NO_ENCODING = "cells"
"""What stands for the encoding of what is not lines of text."""


def extract_cells(extract: Extract, file: str) -> Iterator[Row]:
    """Return the rows of an extract that is not lines.

    Raises Refused where it cannot be read, and where its workbook hides something that no person has cleared.
    """
    if extract.entry.sheet is not None:
        look_inside(extract.path, file, frozenset(c.kind for c in extract.terms.cleared or ()))
    return cell_rows(extract.path, file, extract.entry.address or {})


def cell_rows(path: Path, file: str, address: Mapping[str, Any]) -> Iterator[Row]:
    """Return the rows at an address; raises Refused where they cannot be read exactly."""
    if "sheet" in address:
        from pipeline.intake.sheets import sheet_rows

        return sheet_rows(path, file, address["sheet"], address.get("cells"))
    from pipeline.intake.letter_tables import quoted_count, table_rows

    if "letter_table" in address:
        return table_rows(path, file, address["letter_table"])
    return iter((quoted_count(path, file, address.get("page"), address["line"], address["quote"]),))


def address_words(address: Mapping[str, Any]) -> str:
    """Return an address as people read it."""
    if "sheet" in address:
        return f"sheet {address['sheet']}" + (f", {address['cells']}" if address.get("cells") else "")
    if "letter_table" in address:
        return f"table {address['letter_table']}"
    return (f"page {address['page']}, " if address.get("page") else "") + f"line {address['line']}"


def look_inside(path: Path, file: str, cleared: frozenset[str]) -> tuple[Finding, ...]:
    """Return what a person must know of a workbook; raises Refused where it hides something not cleared, by kind."""
    from pipeline.intake.sheets import HIDDEN, findings

    found = findings(path, file)
    if hidden := [_hidden(one, file) for one in found if one.kind in HIDDEN - cleared]:
        raise Refused(*hidden)
    return found


def _hidden(found: Finding, file: str) -> Problem:
    return Problem(
        file=file,
        column="!".join(filter(None, (found.sheet, found.address))) or None,
        found=f"{found.kind.replace('_', ' ')}: {found.words}",
        expected="nothing hidden from whoever looks at the workbook",
        remedy="look at it; if it may be read, say so in the manifest under cleared: with "
        f"kind {found.kind}, by, on and why; else ask the force for a file without it",
    )
