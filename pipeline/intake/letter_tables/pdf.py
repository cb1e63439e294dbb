"""Tables and lines in PDF: ruled tables only, as pdfplumber finds them, each page for itself.

Here: the file, whole and open (or refused), its tables and its lines.
Not here: what is wrong with a page or a table (pdf_faults.py).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.intake.letter_tables.addresses import FoundTable, PageBox
from pipeline.intake.letter_tables.faults import EXACT, TRANSCRIBE, fault, no_line
from pipeline.intake.letter_tables.pdf_faults import WORD_GAP, Bbox, table_faults, text_faults, unreadable, unseen_in
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row

LARGEST = 256 << 20
"""Bytes of a PDF that is read: it is held in memory as a whole."""

if TYPE_CHECKING:
    from pdfplumber.page import Page
    from pdfplumber.pdf import PDF


@contextmanager
def _pdf(path: Path, file: str) -> Iterator[PDF]:
    """Open a PDF; whatever the libraries raise over it is Refused."""
    # imported here: it takes half a second, and only a letter in PDF needs it
    import pdfplumber

    from pipeline.intake.letter_text import pdf_damage

    if (size := path.stat().st_size) > LARGEST:
        expected = f"at most {LARGEST:,} bytes"
        raise Refused(Problem(file, f"a PDF of {size:,} bytes", expected, "ask the force for the table alone"))
    data = path.read_bytes()
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            _must_be_whole(document, file)
            yield document
    except (Refused, MemoryError):
        raise
    except Exception as error:  # pdfminer raises bare TypeErrors, KeyErrors and more on damaged files
        damage = pdf_damage(error)
        raise (_locked(file) if damage is None else _damaged(file, damage)) from error


def _must_be_whole(document: PDF, file: str) -> None:
    from pdfminer.pdfdocument import PDFXRefFallback
    from pdfminer.pdftypes import resolve1

    if document.doc.encryption is not None:
        raise _locked(file)
    if any(isinstance(table, PDFXRefFallback) for table in document.doc.xrefs):
        raise _damaged(file, "its table of objects is broken")
    said = resolve1(resolve1(document.doc.catalog["Pages"])["Count"])
    if said != len(document.pages):
        raise _damaged(file, f"it says {said} pages and has {len(document.pages)}")


def _locked(file: str) -> Refused:
    return Refused(Problem(file, "an encrypted PDF", "one without protection", "ask the force for an open file"))


def _damaged(file: str, what: str) -> Refused:
    return Refused(Problem(file, f"a damaged PDF ({what})", "a whole one", "ask the force for the file again"))


def _page(document: PDF, number: int, file: str) -> Page:
    """Return a page, each character once: bold type is sometimes printed twice."""
    if not 1 <= number <= len(document.pages):
        found = f"a PDF of {len(document.pages)} pages"
        raise Refused(Problem(file, found, f"a page {number}", "mend the page"))
    page = document.pages[number - 1]
    _must_have_whole_streams(page, file)
    return page.dedupe_chars()


def _must_have_whole_streams(page: Page, file: str) -> None:
    """Raise Refused where what is printed on a page does not unpack to its end: pdfminer would take a part of it."""
    from pdfminer.pdftypes import LITERALS_FLATE_DECODE, PDFStream, resolve1

    for stream in map(resolve1, page.page_obj.contents):
        if not isinstance(stream, PDFStream):
            raise _damaged(file, f"page {page.page_number} lacks its contents")
        filters = stream.get_filters()
        if filters and filters[0][0] in LITERALS_FLATE_DECODE and stream.rawdata is not None:
            unpacked = zlib.decompressobj()
            unpacked.decompress(stream.rawdata)
            if not unpacked.eof:
                raise _damaged(file, f"page {page.page_number} is cut")


def pdf_tables(path: Path, file: str, only: int | None = None) -> list[FoundTable[PageBox]]:
    """Return the tables of all pages, or of one page."""
    with _pdf(path, file) as document:
        numbers = [only] if only is not None else range(1, len(document.pages) + 1)
        return [found for number in numbers for found in _page_tables(_page(document, number, file), file)]


def _page_tables(page: Page, file: str) -> Iterator[FoundTable[PageBox]]:
    why = unreadable(page)
    if why is not None:
        address = _box(page, page.bbox)
        yield address, (), (_fault_on(file, address, why),)
        return
    finder = page.debug_tablefinder()
    unseen = unseen_in(page) if finder.tables else frozenset()
    for table in finder.tables:
        address = _box(page, table.bbox)
        rows = table.extract(x_tolerance_ratio=WORD_GAP)
        faults = table_faults(page, table, rows, finder.edges, unseen)
        fields = [tuple((cell or "").strip() for cell in row) for row in rows]
        yield (
            address,
            tuple(Row(number, 1, "\t".join(row), row) for number, row in enumerate(fields, 1)),
            tuple(_fault_on(file, address, found) for found in faults),
        )


def _box(page: Page, bbox: Bbox) -> PageBox:
    x0, top, x1, bottom = (round(float(value), 1) for value in bbox)
    return PageBox(page.page_number, x0, top, x1, bottom)


def _fault_on(file: str, address: PageBox, found: str) -> Problem:
    return Problem(file, f"on {address}: {found}", EXACT, TRANSCRIBE)


def pdf_line(path: Path, file: str, page_no: int, line_no: int) -> tuple[int, int, str]:
    """Return a line of a page as it stands: its number, 1 and its text."""
    with _pdf(path, file) as document:
        page = _page(document, page_no, file)
        why = unreadable(page)
        if why is not None:
            raise Refused(_fault_on(file, _box(page, page.bbox), why))
        lines = page.extract_text_lines(return_chars=True, x_tolerance_ratio=WORD_GAP) if page.chars else []
        if not 1 <= line_no <= len(lines):
            raise Refused(no_line(file, line_no, f"a page {page_no} of {len(lines)} lines"))
        line = lines[line_no - 1]
        chars = [char for char in line["chars"] if char["text"].strip()]
        faults = dict.fromkeys(text_faults(chars, unseen_in(page)))
        if faults:
            raise Refused(*(fault(file, line_no, f"on page {page_no}: {found}") for found in faults))
        return line_no, 1, str(line["text"])
