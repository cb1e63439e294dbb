"""The tables of a letter of any form, by number or by place.

Here: `tables_in`, `table_rows`, and which reader takes which form.
Not here: how a form is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pipeline.intake.letter_tables.addresses import Address, FoundTable, LetterTable, PageBox
from pipeline.intake.letter_tables.html import html_tables
from pipeline.intake.letter_tables.markdown import markdown_tables
from pipeline.intake.letter_tables.pdf import pdf_tables
from pipeline.intake.letter_tables.text import plain_tables
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row


def tables_in(path: Path, file: str) -> tuple[LetterTable, ...]:
    """Return all tables of a .md, .txt, .html, .htm or .pdf file in order; `file` is how problems name it.

    A table that cannot be read exactly stands among them with its problems and without rows. Raises Refused where
    the file cannot be read as a whole: another form, an encoding that fails, a NUL, a locked or damaged PDF.
    """
    return _numbered(reader_of(path, file)(path, file))


def table_rows(path: Path, file: str, which: int | PageBox) -> Iterator[Row]:
    """Yield the rows of one table, named by its number in the file or, in a PDF, by page and box.

    By page and box only that page is looked at. Raises Refused where there is none such, and where it cannot be
    read exactly.
    """
    reader = reader_of(path, file)
    if isinstance(which, PageBox):
        if reader is not pdf_tables:
            raise Refused(Problem(file, "a page and box in a file without pages", "its number", "give the number"))
        tables = _numbered(pdf_tables(path, file, which.page))
    else:
        tables = _numbered(reader(path, file))
    for table in tables:
        if which in (table.number, table.address):
            if table.problems:
                raise Refused(*table.problems)
            yield from table.rows
            return
    there = "; ".join(f"{table.number} ({table.address})" for table in tables) or "none"
    raise Refused(
        Problem(
            file=file,
            found="no table " + (f"on {which}" if isinstance(which, PageBox) else str(which)),
            expected=f"one of the tables there are: {there}",
            remedy="mend which table is meant, or transcribe it",
        )
    )


def reader_of(path: Path, file: str) -> Callable[[Path, str], Iterable[FoundTable[Address]]]:
    """Return what reads the tables of a file of this form; raises Refused where nothing does."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise Refused(
            Problem(
                file=file,
                found=f"a file of the form {path.suffix or 'without a suffix'}",
                expected=f"one of {', '.join(_READERS)}",
                remedy="save the letter as one of these, or transcribe its tables",
            )
        )
    return reader


def _numbered(found: Iterable[FoundTable[Address]]) -> tuple[LetterTable, ...]:
    return tuple(
        LetterTable(number, address, () if problems else rows, problems)
        for number, (address, rows, problems) in enumerate(found, 1)
    )


_READERS: dict[str, Callable[[Path, str], Iterable[FoundTable[Address]]]] = {
    ".md": markdown_tables,
    ".txt": plain_tables,
    ".html": html_tables,
    ".htm": html_tables,
    ".pdf": pdf_tables,
}
