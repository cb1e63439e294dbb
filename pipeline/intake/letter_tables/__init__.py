"""Tables that stand inside letters: Markdown, plain text, HTML and PDF; and a single count inside a sentence.

Here: every table of a letter with its place (`tables_in`), the rows of one of them (`table_rows`), a count that a
sentence says (`quoted_count`). A table is read exactly, or it is refused with the place and the reason. What counts as
a table and as the text of a cell, the module of each form says: markdown.py, text.py, html.py, pdf.py.
Not here: what a row means, how wide it should be, the facts of a letter (intake/letter).
"""

from __future__ import annotations

from pipeline.intake.letter_tables.addresses import Element, LetterTable, LineSpan, PageBox
from pipeline.intake.letter_tables.quoted import quoted_count
from pipeline.intake.letter_tables.tables import table_rows, tables_in

__all__ = ["Element", "LetterTable", "LineSpan", "PageBox", "quoted_count", "table_rows", "tables_in"]
