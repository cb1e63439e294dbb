"""A single count inside a sentence of a letter.

Here: `quoted_count`, which takes the one number of a quote.
Not here: what the number counts.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

from pipeline.intake.decoding import text_lines
from pipeline.intake.letter_tables.faults import no_line
from pipeline.intake.letter_tables.html import html_block, html_tables
from pipeline.intake.letter_tables.pdf import pdf_line, pdf_tables
from pipeline.intake.letter_tables.tables import reader_of
from pipeline.intake.letter_tables.wording import single_spaced, words
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row

_SMALL = words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_OTHER_NUMBERS = words(
    "zero nil none thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million "
    "millions billion dozen dozens score half double couple pair once twice thrice k m bn"
)
_IN_WORDS = _SMALL | _OTHER_NUMBERS
_DIGITS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+")
_OPENERS = "([{\"'“‘*_"
_CLOSERS = ")]}\"'”’*_.,;:?!"
_NOT_EXACT_BEFORE = re.compile(
    r"\b(?:in excess of|more than|greater than|over|above|fewer than|less than|under|below|at least|at most"
    r"|no more than|no fewer than|up to|about|around|roughly|approximately|approx|circa|nearly|almost|some|between"
    r"|minus)\W*$",
    re.IGNORECASE,
)
_NOT_EXACT_AFTER = re.compile(
    r"\W*(?:or (?:more|fewer|less|over|so|under)|and (?:over|under|above)|plus)\b", re.IGNORECASE
)


def quoted_count(path: Path, file: str, page: int | None, line_no: int, quote: str) -> Row:
    """Return the count that a sentence says, as a row of one field: the number as printed.

    `quote` are the words around it, as they stand on the line (runs of white space are equal): in text and Markdown
    the physical line of the source, in HTML the paragraph or cell that takes that line of the source, in PDF the
    line of the page, both 1-based. The row has the line as it stands. Raises Refused where the words do not stand
    there, cut a word or number in two, or do not hold exactly one number (digits with thousands commas, or one to
    twenty in words), and where words beside it make it more or less than the number.
    """
    reader = reader_of(path, file)
    if (page is not None) != (reader is pdf_tables):
        found, expected = ("a page", "none") if page is not None else ("no page", "one")
        raise Refused(Problem(file, found, f"{expected} in a {path.suffix} file", "mend the page", line_no))
    if page is not None:
        first, lines, text = pdf_line(path, file, page, line_no)
    elif reader is html_tables:
        first, lines, text = html_block(path, file, line_no, quote)
    else:
        source = text_lines(path, file)
        if not 1 <= line_no <= len(source):
            raise Refused(no_line(file, line_no, f"a file of {len(source)} lines"))
        first, lines, text = line_no, 1, source[line_no - 1]
    place = "" if page is None else f"on page {page}: "
    return Row(first, lines, text, (_count_in(text, quote, file, line_no, place),))


def _count_in(text: str, quote: str, file: str, line_no: int, place: str) -> str:
    """Return the one number of a quote that stands in a text, as printed; raises Refused."""

    def refuse(found: str, expected: str, remedy: str) -> NoReturn:
        raise Refused(Problem(file, place + found, expected, remedy, line_no))

    line, quoted = single_spaced(text), single_spaced(quote)
    starts = [match.start() for match in re.finditer(re.escape(quoted), line)] if quoted else []
    if not starts:
        refuse(f"{line!r}", f"the words {quoted!r}", "quote the words as they stand, and mend page and line")
    whole = [start for start in starts if _is_whole(line, start, start + len(quoted))]
    if not whole:
        refuse(
            f"{quoted!r} as a part of longer words or numbers in {line!r}", "whole words", "quote them to their ends"
        )
    numbers = [match for match in re.finditer(r"\S+", quoted) if _is_number(match[0])]
    if len(numbers) != 1:
        found = " and ".join(repr(match[0]) for match in numbers) or "no number"
        refuse(f"{found} in {quoted!r}", "exactly one number", "quote fewer or more words")
    printed = numbers[0][0].strip(_OPENERS + _CLOSERS)
    if not _DIGITS.fullmatch(printed) and printed.lower() not in _SMALL:
        refuse(
            f"{printed!r}",
            "digits with thousands commas, or one to twenty in words",
            "transcribe it, and declare it under markers",
        )
    for start in whole:
        before, after = line[: start + numbers[0].start()], line[start + numbers[0].end() :]
        if unsure := _NOT_EXACT_BEFORE.search(before) or _NOT_EXACT_AFTER.match(after):
            refuse(
                f"{printed!r} beside {unsure[0].strip()!r}",
                "an exact count",
                "transcribe the words, and declare them under markers",
            )
    return printed


def _is_whole(line: str, start: int, end: int) -> bool:
    """Return whether the words from `start` to `end` of a line cut no word, no sign and no number in two."""
    before, after = line[:start], line[end:]
    if not re.search(rf"(?:^|\s)[{re.escape(_OPENERS)}]*$", before):
        return False
    if not re.match(rf"[{re.escape(_CLOSERS)}]*(?:\s|$)", after):
        return False
    inside = line[start:end].split()
    # a space may part thousands (1 234), and numbers in words (two hundred and five)
    if _is_number(inside[0]) and (previous := re.search(r"(\S+)(?: and)? $", before)):
        left = previous[1]
        if _parts_thousands(left, inside[0]) or left.lower() in _IN_WORDS:
            return False
    if _is_number(inside[-1]) and (following := re.match(r",? (?:and )?(\S+)", after)):
        right = following[1]
        if _parts_thousands(inside[-1], right) or right.lower().strip(_CLOSERS) in _IN_WORDS:
            return False
    return True


def _parts_thousands(left: str, right: str) -> bool:
    """Return whether a space between two words may part the thousands of one number."""
    return bool(re.fullmatch(r"[0-9]{1,3},?", left) and re.match(r"[0-9]{3}(?![0-9])", right))


def _is_number(word: str) -> bool:
    """Return whether a word is a number or holds one: 12, 1,203, 2015/16, £5, 1st, twelve, twenty-one."""
    parts = re.findall(r"[a-z]+", word.lower())
    return any(character.isnumeric() for character in word) or not _IN_WORDS.isdisjoint(parts)
