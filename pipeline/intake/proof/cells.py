"""Tables of workbooks and letters that no manifest describes: which there are, and what can be proved of each.

Here: the one table that is meant, or all of them; what to pass where it cannot be told which is meant.
Not here: where cells stand together (sheets), which lines of a letter are a table (letter_tables).

A sheet has no widths that tell a title or a note from a record. So rows of one cell above the header are titles; below
the last record they could be either, and refuse the table unless a person has named its cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from pipeline.intake.areas import Area, area_of
from pipeline.intake.cells import NO_ENCODING, address_words, look_inside
from pipeline.intake.decoding import fallback_warning
from pipeline.intake.letter_tables import LetterTable, PageBox, tables_in
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.proof.reading import Asked, Reading
from pipeline.intake.proof.table import ProvedTable, width_of
from pipeline.intake.proof.values import is_numberlike
from pipeline.intake.rows import Row

if TYPE_CHECKING:
    from pipeline.intake.sheets import Finding, SheetBlock

SHOWN_WORDS = 4
"""Words of a first row that say which table it is."""
_BY_HAND = "name its cells in a manifest, or pass --sheet and --cells"


# --- workbooks


def read_workbook(path: Path, file: str, asked: Asked) -> Reading:
    """Return the one table of a workbook, of one of its sheets, or of the cells that a person named.

    Raises Refused where something is hidden in the workbook, and with a list where several tables may be meant.
    """
    findings = look_inside(path, file, frozenset())
    if asked.cells is not None:
        return _named_cells(path, file, asked, findings)
    from pipeline.intake.sheets import blocks_in

    blocks = blocks_in(path, file, asked.sheet)
    if not blocks:
        where = "the workbook" if asked.sheet is None else f"the sheet {asked.sheet!r}"
        found = f"{where} without cells that stand together in two columns or more"
        raise Refused(Problem(file, found, "a table", "pass --sheet and --cells for what is meant"))
    if len(blocks) > 1:
        raise Refused(*(_choice(file, block, len(blocks)) for block in blocks))
    return _block_reading(blocks[0], file, asked, findings, contrast=False)


def tables_of_workbook(path: Path, file: str) -> tuple[Reading | Refused, ...]:
    """Return what can be proved of each table of a workbook, sheet by sheet; one refusal where there is none."""
    try:
        findings = look_inside(path, file, frozenset())
        from pipeline.intake.sheets import blocks_in

        blocks = blocks_in(path, file)
    except Refused as refused:
        return (refused,)
    if not blocks:
        return (Refused(Problem(file, "a workbook without a table", "a table", "look at it; is the table a picture?")),)
    tables: list[Reading | Refused] = []
    for block in blocks:
        on_sheet = [other for other in blocks if other.sheet == block.sheet and other is not block]
        try:
            tables.append(_one_of_several(block, on_sheet, file, findings))
        except Refused as refused:
            tables.append(refused)
    return tuple(tables)


def _named_cells(path: Path, file: str, asked: Asked, findings: Iterable[Finding]) -> Reading:
    from pipeline.intake.sheets import sheet_names, sheet_rows

    names = sheet_names(path, file)
    if asked.sheet is None and len(names) > 1:
        remedy = "pass --sheet with one of " + ", ".join(map(repr, names))
        raise Refused(Problem(file, f"{len(names)} sheets", "the sheet that the cells are of", remedy))
    sheet = names[0] if asked.sheet is None else asked.sheet
    rows = tuple(sheet_rows(path, file, sheet, asked.cells))
    address = {"sheet": sheet, "cells": asked.cells}
    table = ProvedTable(_shown(file, {"sheet": sheet}), len(rows[0].fields or ()), asked.header_line, of_cells=True)
    return _reading(table, rows, address, _told(findings, sheet, but=frozenset()))


def _one_of_several(block: SheetBlock, others: Sequence[SheetBlock], file: str, findings: Iterable[Finding]) -> Reading:
    """Return what can be proved of a block beside others; raises Refused where it may be a part of another one."""
    area = block.area
    if not any(character.isalnum() and character.isascii() for character in block.sheet):
        raise Refused(_apart(file, block, "a sheet whose name has no letter or digit, which no manifest can name"))
    for other in (block, *others):
        if other.area.top == other.area.bottom:
            found = f"one row that stands apart ({other.area}: {_first_words(other.rows)})"
            raise Refused(_apart(file, block, found))
    above = [o for o in others if (o.area.left, o.area.right) == (area.left, area.right) and o.area.top < area.top]
    continues = bool(above) and not any(_heads_alike(block.rows, other.rows) for other in above)
    reading = _block_reading(block, file, Asked(), findings, contrast=continues)
    for other in others:
        is_left = other.area.left < area.left and other.area.top <= area.bottom and area.top <= other.area.bottom
        if is_left and not _has_labels(reading, other):
            raise Refused(_apart(file, block, f"no labels, and other columns beside an empty one ({other.area})"))
    return reading


def _apart(file: str, block: SheetBlock, found: str) -> Problem:
    return Problem(_shown(file, {"sheet": block.sheet}), found, "tables that stand whole", _BY_HAND, block.area.top)


def _has_labels(reading: Reading, other: SheetBlock) -> bool:
    """Return True where a table has labels of its own, or begins with the same column as the one left of it."""
    first = (other.rows[0].fields or ("",))[0]
    return reading.columns[0] == first or not all(is_numberlike(record.values[0]) for record in reading.records)


def _block_reading(
    block: SheetBlock, file: str, asked: Asked, findings: Iterable[Finding], *, contrast: bool
) -> Reading:
    address = {"sheet": block.sheet, "cells": str(block.area)}
    shown = _shown(file, {"sheet": block.sheet})
    _must_stand_alone(block, shown)
    _must_end_with_a_record(block, shown)
    width = block.area.right - block.area.left + 1
    table = ProvedTable(shown, width, asked.header_line, of_cells=True, contrast=contrast)
    findings = tuple(findings)
    reading = _reading(table, block.rows, address, _told(findings, block.sheet, but=frozenset({"merged"})))
    top = reading.header_line or block.area.top
    area = replace(block.area, top=top)
    _must_not_be_merged(shown, block, replace(area, top=top + 1) if reading.header_line else area, findings)
    for row in block.beside:
        reading.account.lay_aside(row, "title" if row.line_no < top else "note")
    reading.account.set_aside.sort(key=lambda aside: aside.line_no)
    return replace(reading, address={"sheet": block.sheet, "cells": str(area)})


def _must_stand_alone(block: SheetBlock, shown: str) -> None:
    """Raise Refused where text stands beside the rows of a table: a note, or its labels beyond an empty column."""
    beside = [row for row in block.beside if block.area.top <= row.line_no <= block.area.bottom]
    if beside:
        found = f"text beside the table ({block.area}), parted from it by an empty column"
        remedy = f"pass {_option(block.sheet, block.area)}, or wider cells where the text is one of its columns"
        raise Refused(Problem(shown, found, "a table whose columns stand together", remedy, beside[0].line_no))


def _must_end_with_a_record(block: SheetBlock, shown: str) -> None:
    """Raise Refused where the last rows have one cell in use: notes, or records whose other cells are empty."""
    last = None
    for row in reversed(block.rows):
        if sum(1 for value in row.fields or () if value.strip()) > 1:
            break
        last = row.line_no
    if last is not None and last > block.area.top:
        cells = replace(block.area, bottom=last - 1)
        found = "one cell in use below the table: a note, or a record whose other cells are empty"
        without, within = _option(block.sheet, cells), _option(block.sheet, block.area)
        remedy = f"pass {without} to leave it out, {within} to take it in"
        raise Refused(Problem(shown, found, "rows that are records for certain", remedy, last))


def _must_not_be_merged(shown: str, block: SheetBlock, below_header: Area, findings: Iterable[Finding]) -> None:
    for found in findings:
        if found.kind == "merged" and found.sheet == block.sheet and area_of(found.address).meets(below_header):
            words = "merged cells among the records, of which only the first holds the value"
            remedy = f"ask for a plain file, or pass {_option(block.sheet, block.area)} to take the others as empty"
            raise Refused(Problem(shown, words, "a value in each cell", remedy, area_of(found.address).top))


def _told(findings: Iterable[Finding], sheet: str, but: frozenset[str]) -> tuple[str, ...]:
    """Return what is found about a workbook and one of its sheets, in words."""
    return tuple(
        f"sheet {one.sheet}, {one.address}: {one.words}" if one.sheet else one.words
        for one in findings
        if one.sheet in {"", sheet} and one.kind not in but
    )


def _choice(file: str, block: SheetBlock, of: int) -> Problem:
    what = "a row" if block.area.top == block.area.bottom else "a table"
    return Problem(
        file=_shown(file, {"sheet": block.sheet}),
        line=block.area.top,
        found=f"{what}, one of {of} that stand apart: {_first_words(block.rows)}",
        expected="to be told which is meant",
        remedy=f"pass {_option(block.sheet, block.area)}",
    )


def _option(sheet: str, area: Area) -> str:
    return f"--sheet {quote(sheet)} --cells {area}"


# --- letters


def read_letter(path: Path, file: str, asked: Asked) -> Reading:
    """Return the one table of a letter, or that of the number which a person named.

    Raises Refused with a list where several tables may be meant.
    """
    tables = tables_in(path, file)
    meant = [table for table in tables if asked.table in {None, table.number}]
    if len(meant) == 1:
        return _letter_reading(meant[0], tables, path, file, asked.header_line)
    if not tables:
        raise Refused(_no_table(file))
    wrong = () if meant else (Problem(file, f"no table {asked.table}", "a table that there is", "mend --table"),)
    raise Refused(*wrong, *(_letter_choice(file, table, len(tables)) for table in tables))


def tables_of_letter(path: Path, file: str) -> tuple[Reading | Refused, ...]:
    """Return what can be proved of each table of a letter, in order; one refusal where there is none."""
    try:
        tables = tables_in(path, file)
    except Refused as refused:
        return (refused,)
    found: list[Reading | Refused] = []
    for table in tables:
        try:
            found.append(_letter_reading(table, tables, path, file, None))
        except Refused as refused:
            found.append(refused)
    return tuple(found) or (Refused(_no_table(file)),)


def tables_to_choose(path: Path, file: str) -> tuple[Problem, ...]:
    """Return a problem for each table of a letter, with what to pass to read it; none where it cannot be read."""
    try:
        tables = tables_in(path, file)
    except Refused:
        return ()
    return tuple(_letter_choice(file, table, len(tables)) for table in tables)


def _letter_reading(
    found: LetterTable, tables: Sequence[LetterTable], path: Path, file: str, header_line: int | None
) -> Reading:
    if found.problems:
        raise Refused(*found.problems)
    address = {"letter_table": found.number}
    findings = () if found.address.starts_on is None else fallback_warning(path, file)
    shown = _shown(file, address)
    width = width_of(found.rows, shown, header_line)
    table = ProvedTable(shown, width, header_line, contrast=_may_continue(found, tables))
    return _reading(table, found.rows, address, findings)


def _may_continue(found: LetterTable, tables: Sequence[LetterTable]) -> bool:
    """Return True where a table of a PDF may go on with that of the page before: as wide, and not headed alike."""
    before = tables[found.number - 2] if found.number > 1 else found
    return (
        isinstance(found.address, PageBox)
        and isinstance(before.address, PageBox)
        and before.address.page < found.address.page
        and (not before.rows or len(before.rows[-1].fields or ()) == len(found.rows[0].fields or ()))
        and not _heads_alike(found.rows, before.rows)
    )


def _letter_choice(file: str, table: LetterTable, of: int) -> Problem:
    what = _first_words(table.rows) if not table.problems else f"not readable, {table.problems[0].found}"
    return Problem(
        file=file,
        line=table.address.starts_on,
        found=f"table {table.number} of {of}, {table.address}: {what}",
        expected="to be told which is meant",
        remedy=f"pass --table {table.number}",
    )


def _no_table(file: str) -> Problem:
    remedy = "if a table is drawn in another way, transcribe it into a CSV and say evidence: transcribed"
    return Problem(file, "a letter without a table", "a table", remedy)


# --- both


def _reading(table: ProvedTable, rows: Iterable[Row], address: dict[str, Any], findings: tuple[str, ...]) -> Reading:
    records = tuple(table.read(rows))
    return Reading(
        encoding=NO_ENCODING,
        encoding_by="not lines of text",
        delimiter=None,
        header_line=table.header_at,
        columns=table.columns,
        records=records,
        account=table.account,
        address=address,
        findings=findings,
        total_words=frozenset(table.total_words),
    )


def _shown(file: str, address: dict[str, Any]) -> str:
    return f"{file}, {address_words(address)}"


def _first_words(rows: Sequence[Row]) -> str:
    texts = [" ".join(value.split()) for value in _head(rows) if value.strip()]
    return ", ".join(map(repr, texts[:SHOWN_WORDS]))


def _head(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the first row with more than one text."""
    fields = (row.fields or () for row in rows)
    return next((texts for texts in fields if sum(1 for text in texts if text.strip()) > 1), ())


def _heads_alike(rows: Sequence[Row], others: Sequence[Row]) -> bool:
    """Return True where the first rows of two tables say the same in a column: a record does not repeat a header."""
    return any(one.strip() and one == other for one, other in zip(_head(rows), _head(others), strict=False))
