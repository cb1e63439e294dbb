"""Limitations that a letter prints, each with an id for the manifest.

Here: what the force notes about its figures (`caveats_of`).
Not here: which figures a caveat follows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.reception.letter.parts import LetterRow, Part
from pipeline.reception.letter.passages import Fact, fact_on, sentences_in
from pipeline.reception.letter.wording import sentences, words


@dataclass(frozen=True)
class LetterCaveat:
    """A limitation that the letter prints: an id for the manifest, and its text."""

    id: str
    said: Fact[str]


_PLEASE_NOTE = words(r"\b(?:please|should (?:also )?|to) (?:also )?note\b|\bit should be noted\b|\bplease be aware\b")
_STRONG_CAVEAT = words(
    r"\bcomparison purposes\b|\b(?:not|cannot) be (?:directly )?compar(?:ed|able)\b|\bliv(?:e|ing)\W{0,3}system\b"
)
_EITHER_CAVEAT = re.compile(f"{_PLEASE_NOTE.pattern}|{_STRONG_CAVEAT.pattern}", re.IGNORECASE)
_NOTED: tuple[tuple[Part, re.Pattern[str]], ...] = (("said", _EITHER_CAVEAT), ("closing", _STRONG_CAVEAT))
_NO_CAVEAT = words(
    r"\bcopyright\b|\btelephone|\bmonitored\b|\breview\b|\bcomplain|\bpublish|\bdisclosure log\b|\bcontact\b|"
    r"\b20 working days\b|\bwebsite\b|\bclosed\b"
)
_CAVEAT_IDS = (
    ("not-comparable", words(r"\bcompar(?:e|ed|able|ison)\b")),
    ("living-system", words(r"\bliv(?:e|ing)\W{0,3}system\b|\bconstantly (?:being )?updated\b|\bsubject to change\b")),
    ("keyword-search", words(r"\bkey ?words?\b|\bfree ?text\b|\bsearch terms?\b")),
)
_SMALL_WORDS = re.compile(
    "please|noted?|also|that|this|these|those|with|from|which|have|been|were|will|would|should|there|their|your|"
    "only|data|information|following|aware"
)
_PAGE_BREAK_ROWS = 15  # within which a sentence that a page break cuts goes on


def caveats_of(rows: Sequence[LetterRow], unsure: list[str]) -> tuple[LetterCaveat, ...]:
    """Return the bullets or the sentences that a note introduces, and any other that forbids comparison."""
    said: list[Fact[str]] = []
    used: set[int] = set()
    for index, row in enumerate(rows):
        if index in used or row.part != "said" or not row.plain:
            continue
        if row.plain.endswith(":") and _PLEASE_NOTE.search(sentences(row.plain)[-1][1]):
            for taken in _listed(rows, index + 1, unsure):
                used.update(taken)
                said.append(_whole([rows[i] for i in taken]))
            used.add(index)
    # the comparison sentence is printed after the signature too
    rest = [row for i, row in enumerate(rows) if i not in used]
    for part, noted in _NOTED:
        for sentence in sentences_in(rest, part):
            text = sentence.text
            if noted.search(text) and not text.endswith(":") and not _NO_CAVEAT.search(text):
                said.append(fact_on(" ".join(text.split()), sentence.line_at(0)))
    ids: Counter[str] = Counter()
    caveats = []
    for fact in said:
        name = _caveat_id(fact.value)
        ids[name] += 1
        caveats.append(LetterCaveat(name if ids[name] == 1 else f"{name}-{ids[name]}", fact))
    return tuple(caveats)


def _listed(rows: Sequence[LetterRow], first: int, unsure: list[str]) -> Iterator[list[int]]:
    """Yield the rows of each bullet of the list that begins at `first`, or of the one paragraph that does."""
    index = first
    while index < len(rows) and not rows[index].plain:
        index += 1
    bullets = index < len(rows) and rows[index].bullet
    while index < len(rows) and rows[index].part == "said" and rows[index].plain:
        taken = [index]
        index += 1
        while True:
            while index < len(rows) and rows[index].part == "said" and rows[index].plain and not rows[index].bullet:
                taken.append(index)
                index += 1
            resumed = _resumes(rows, taken[-1], index)
            if resumed is None:
                break
            last, again = rows[taken[-1]].line.place, rows[resumed].line.place
            unsure.append(f"caveat: a sentence breaks off ({last}) and is read on at {again}; between is a page break")
            index = resumed
        yield taken
        while index < len(rows) and not rows[index].plain:
            index += 1
        if not bullets or index == len(rows) or not rows[index].bullet:
            return


def _resumes(rows: Sequence[LetterRow], last: int, index: int) -> int | None:
    """Return the row on which a sentence that breaks off goes on, None where it does not break off."""
    if rows[last].plain.endswith((".", "!", "?", ":", ";")):
        return None
    for following in range(index, min(len(rows), index + _PAGE_BREAK_ROWS)):
        row = rows[following]
        if row.bullet or row.part == "closing":
            return None
        if row.part == "said" and row.plain[:1].islower() and " " in row.plain:
            return following
    return None


def _whole(rows: Sequence[LetterRow]) -> Fact[str]:
    return fact_on(" ".join(" ".join(row.plain for row in rows).split()), rows[0].line)


def _caveat_id(text: str) -> str:
    for name, pattern in _CAVEAT_IDS:
        if pattern.search(text):
            return name
    telling = [word for word in re.findall(r"[a-z]{4,}", text.lower()) if not _SMALL_WORDS.fullmatch(word)]
    return "-".join(telling[:4]) or "note"
