"""The parts of a letter: what the force says, the request as it repeats it, the closing part, page furniture.

Here: each line as it is read, with its part (`rows_of`).
Not here: what is read from a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.intake.letter_text import Line
from pipeline.reception.letter.wording import sentences, words

Part = Literal["said", "asked", "closing", "furniture"]


@dataclass(frozen=True)
class LetterRow:
    """A line as it is read: `plain` without marks of Markdown, bullets and quoting."""

    line: Line
    plain: str
    bullet: bool
    quoted: bool
    part: Part = "said"


_BULLET = re.compile(r"^(?:[-–—•‣▪●○◦·\uf0b7]|\*(?=\s)|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s))\s*", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")

_ASKED_HEADING = words(
    r"^(?:(?:your|the|foi|foia|details of (?:the|your)) )?(?:freedom of information )?request(?: details| made)?:?$"
    r"|^(?:you (?:asked|requested|wrote)|information requested|questions?(?: asked)?)(?: for| us)?(?: the following)?"
    r"(?: information)?:?$"
)
_ASKED_INLINE = words(r"^(?:you asked|your request|request|questions?)(?: for)?\s*:\s*\S.{14}")
_ASKED_SENTENCE = words(
    r"\b(?:request|requested|requesting|asked|ask|asking|seek|seeking|sought|wrote)\b.*"
    r"\b(?:following|below|as follows|asked|asked for|requested|wrote|reads?|information|seek)\b[^:]*:$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_ASKED = words(r"please note|\bin response|please find|\battached\b|\b(?:reference|ref)\b[^:]*:$|\bnote the\b")
_ANSWER_HEADING = words(
    r"^(?:(?:our|the|force|police|in) )*(?:response|reply|answer|decision)s?\b[^.?]{0,30}:?$|"
    r"^(?:(?:our|the) )?(?:outcome|results?|findings|disclosure|results? of (?:the )?search(?:es)?|search(?:es)?):?$"
)
_ANSWER_SENTENCE = words(
    r"^(?:following (?:the )?receipt of|on receipt of|in (?:response|reply|answer)\b|we have (?:now )?(?:had|completed|"
    r"considered)|having (?:now )?(?:completed|considered|had)|your request (?:has|was|for information (?:has|was))"
    r"|(?:i|we) (?:can|have|am|are) (?:now |today |also )*(?:able|unable|confirm|advise|neither|decided|considered|"
    r"located|conducted|not)|section 1 of the|the freedom of information act|"
    r"please (?:find|see) (?:the )?(?:attached|enclosed|below|table|answer)\b|"
    r"(?:extensive )?searches (?:were|have)|unfortunately\b|(?:response|reply|answer|decision|outcome)\s*:)"
)
_ANSWER_BY_FORCE = words(
    r"^(?:[A-Z][\w&'-]*(?: |-)(?:and )?){1,5}(?:Police|Constabulary)\b[^?]{0,40}\b(?:can|does|do|neither|has|have|"
    r"holds?|is|will)\b[^?]*$",
    re.NOFLAG,
)
_CLOSING_HEADING = words(
    r"^complaints?(?: procedure| process)?:?$|^(?:complaint rights?|right to complain|internal review|review procedure|"
    r"appeals? (?:procedure|rights)|(?:your )?rights? (?:to|of) (?:an? |request an? )*(?:internal )?(?:review|appeal|"
    r"complain)|(?:important )?(?:notice )?(?:regarding |about )?copyright|the information commissioner)\b.{0,60}$"
)
_CLOSING_SENTENCE = words(
    r"^yours (?:sincerely|faithfully|truly)\b|^(?:kind|best|with) regards\b|"
    r"\bif you (?:are|remain|feel) (?:still )?(?:unhappy|dissatisfied|not (?:satisfied|happy|content))\b|"
    r"^your attention is drawn to\b"
)
_ANNEX = words(r"^(?:appendix|annex|schedule)\b(?!.*\b(?:complaint|review|appeal|rights|copyright))")


def rows_of(lines: Iterable[Line], unsure: list[str]) -> list[LetterRow]:
    """Return the lines, each with the part of the letter that it belongs to."""
    rows = [_row(line) for line in lines]
    furniture = _furniture(rows)
    parts = _parts(rows, unsure)
    return [
        replace(row, part="furniture" if index in furniture else part)
        for index, (row, part) in enumerate(zip(rows, parts, strict=True))
    ]


def _row(line: Line) -> LetterRow:
    text = line.text.strip()
    quoted = text.startswith(">")
    text = text.lstrip("> ")
    text = re.sub(r"^#+\s*", "", text)
    mark = _BULLET.match(text)
    if mark:
        text = text[mark.end() :]
    plain = _LINK.sub(r"\1", text).replace("*", "").strip()
    return LetterRow(line, plain, mark is not None, quoted)


def _furniture(rows: Sequence[LetterRow]) -> set[int]:
    """Return the rows of a PDF that stand on several pages among their first or last four lines."""
    edges: dict[str, list[tuple[int, int]]] = {}
    pages = sorted({row.line.page for row in rows if row.line.page is not None})
    for page in pages:
        on_page = [i for i, row in enumerate(rows) if row.line.page == page and row.plain]
        for index in {*on_page[:4], *on_page[-4:]}:
            edges.setdefault(re.sub(r"\d+", "0", rows[index].plain), []).append((page, index))
    return {i for found in edges.values() if len({p for p, _ in found}) > 1 for _, i in found}


def _parts(rows: Sequence[LetterRow], unsure: list[str]) -> list[Part]:
    parts: list[Part] = ["said"] * len(rows)
    start = next((i for i, row in enumerate(rows) if not row.quoted and _begins_request(rows, i)), None)
    answer = 0
    if start is not None:
        first = start if _ASKED_INLINE.search(rows[start].plain) else start + 1
        answer = _end_of_request(rows, first, unsure)
        parts[first:answer] = ["asked"] * (answer - first)
    elif any(row.quoted for row in rows):
        unsure.append("no line introduces the request; the lines quoted with > are taken as it")
    else:
        unsure.append("no line introduces the request; what was asked for is not read")
    closing = False
    for index, row in enumerate(rows):
        if row.quoted:
            parts[index] = "asked" if start is None else "closing" if parts[index] == "said" else parts[index]
        elif index >= answer:
            closing = not _ANNEX.search(row.plain) if closing else _closes(row)
            parts[index] = "closing" if closing else "said"
    return parts


def _begins_request(rows: Sequence[LetterRow], index: int) -> bool:
    text = rows[index].plain
    if _ASKED_HEADING.search(text) or _ASKED_INLINE.search(text):
        return True
    if not text.endswith(":"):
        return False
    # a sentence may be broken over lines
    first = index
    while first > max(0, index - 3) and rows[first - 1].plain and not rows[first].bullet:
        first -= 1
    sentence = sentences(" ".join(row.plain for row in rows[first : index + 1]))[-1][1]
    return bool(_ASKED_SENTENCE.search(sentence)) and not _NOT_ASKED.search(sentence)


def _end_of_request(rows: Sequence[LetterRow], first: int, unsure: list[str]) -> int:
    for index in range(first, len(rows)):
        text = rows[index].plain
        heads = _ANSWER_HEADING.search(text) and not rows[index].bullet
        if heads or _ANSWER_SENTENCE.search(text) or _ANSWER_BY_FORCE.search(text):
            return index
    end = first
    while end < len(rows) and (rows[end].plain or end == first or not rows[end - 1].plain):
        end += 1
    if first < len(rows):
        last = rows[end - 1].line.place
        unsure.append(f"no line says where the request ends; it is taken to end with its first paragraph, {last}")
    return end


def _closes(row: LetterRow) -> bool:
    return bool(_CLOSING_HEADING.search(row.plain) or _CLOSING_SENTENCE.search(row.plain))
