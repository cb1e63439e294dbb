"""What a letter says, with the line on which it says it: facts, and sentences that may run over several lines.

Here: `Fact` and how one is made of a line; the sentences of a part of a letter.
Not here: what a sentence means.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from pipeline.intake.letter_text import Line
from pipeline.reception.letter.parts import LetterRow, Part
from pipeline.reception.letter.wording import sentences

T = TypeVar("T")


@dataclass(frozen=True)
class Fact(Generic[T]):
    """A value with the line on which it begins, as that line stands there."""

    value: T
    line_no: int
    text: str
    page: int | None = None


@dataclass(frozen=True)
class Passage:
    """Lines that are read as one text, and where in it each begins."""

    text: str
    starts: tuple[tuple[int, Line], ...]

    def line_at(self, offset: int) -> Line:
        """Return the line that holds the character at `offset`."""
        return self.starts[bisect_right(self.starts, offset, key=lambda pair: pair[0]) - 1][1]


@dataclass(frozen=True)
class Sentence:
    """One sentence of a passage, and where in the passage it begins."""

    text: str
    passage: Passage
    start: int

    def line_at(self, offset: int) -> Line:
        """Return the line that holds the character at `offset` of the sentence."""
        return self.passage.line_at(self.start + offset)


def passage_of(rows: Iterable[LetterRow]) -> Passage:
    """Return the rows as one text, line by line."""
    text, starts = "", []
    for row in rows:
        text += "\n" if text else ""
        starts.append((len(text), row.line))
        text += row.plain
    return Passage(text, tuple(starts))


def sentences_in(rows: Iterable[LetterRow], part: Part) -> Iterator[Sentence]:
    """Yield the sentences of one part; none runs over the end of a paragraph or a bullet."""
    for passage in _passages(rows, part):
        for start, text in sentences(passage.text):
            yield Sentence(text, passage, start)


def _passages(rows: Iterable[LetterRow], part: Part) -> Iterator[Passage]:
    """Yield the paragraphs and bullets of one part."""
    block: list[LetterRow] = []
    for row in rows:
        ends = row.part != part or not row.plain or row.bullet
        if ends and block:
            yield passage_of(block)
            block = []
        if row.part == part and row.plain:
            block.append(row)
    if block:
        yield passage_of(block)


def fact_on(value: T, line: Line) -> Fact[T]:
    """Return a value as a fact of a line."""
    return Fact(value, line.line_no, line.text.strip(), line.page)


def one_of(facts: Sequence[Fact[T]], what: str, unsure: list[str], same: Callable[[T], object]) -> Fact[T] | None:
    """Return the first of facts that all say the same; where they differ, None, and all of them in `unsure`."""
    if len({same(fact.value) for fact in facts}) > 1:
        firsts: dict[object, Fact[T]] = {}
        for fact in facts:
            firsts.setdefault(same(fact.value), fact)
        unsure.append(
            f"{what}: {'; '.join(f'{f.value} ({place_of(f)})' for f in firsts.values())}; which one is not said"
        )
        return None
    return facts[0] if facts else None


def place_of(fact: Fact[T]) -> str:
    """Return where a fact stands, in words."""
    return Line(fact.page, fact.line_no, "").place


def with_next(rows: Sequence[LetterRow]) -> Iterator[tuple[LetterRow, LetterRow]]:
    """Yield each row that has text with the next row that has."""
    full = [row for row in rows if row.plain]
    yield from pairwise(full)
