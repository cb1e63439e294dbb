"""Platforms that a free text names, such as the MO column of a records extract, each with its span.

Here: finding names in prose. Not here: platform columns (platforms.py), and what the text says of the platform.
A mention is not a role: "does not use TikTok" names TikTok, and negations are not interpreted.

A name counts only if reference/platform_mentions.csv says so, with the reason. Words that are also ordinary
English (`X`, `Her`, `Signal`, `Yellow`, `Date`) never do, nor do classes of platforms ("social media"), nor a
label on which nothing was decided there. A longer name that holds such a word may (`Signal app`, `Twitter/X`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pipeline.normalisation.canonical import canonical, plain_with_places
from pipeline.normalisation.labels import read_table
from pipeline.normalisation.platforms import platform_labels, platforms
from pipeline.store.reference import ReferenceTableError

PLATFORM_MENTIONS = "platform_mentions.csv"
CASES = ("any", "initial", "upper")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ADDRESS = re.compile(r"[^\s,;]*@[^\s,;]*")


@dataclass(frozen=True)
class Mention:
    """One platform named in a text: `text` is what stands there from `start` up to `end`.

    `code` and `name` are those of reference/platforms.csv: a product has its own (`Facebook Messenger` is not also
    Facebook). `source` is the source of the label's row in reference/platform_labels.csv.
    """

    code: str
    name: str
    start: int
    end: int
    text: str
    source: str


@dataclass(frozen=True)
class MentionRow:
    """One row of reference/platform_mentions.csv: whether a label counts in free text, in which case, and why."""

    label: str
    counts: bool
    case: str
    reason: str
    source: str


@dataclass(frozen=True)
class _Name:
    pattern: re.Pattern[str]
    case: str
    code: str
    source: str


@cache
def mention_rows() -> tuple[MentionRow, ...]:
    """Return the decisions on every label. Raises ReferenceTableError where one is not whole, or stands twice."""
    rows = []
    for row in read_table(PLATFORM_MENTIONS):
        if row["counts"] not in {"yes", "no"} or row["case"] not in CASES or not (row["reason"] and row["decided"]):
            raise ReferenceTableError(
                f"{PLATFORM_MENTIONS}: {row['label']!r} needs counts (yes or no), case ({', '.join(CASES)}), "
                "reason and decided"
            )
        rows.append(MentionRow(row["label"], row["counts"] == "yes", row["case"], row["reason"], row["source"]))
    forms = [canonical(row.label) for row in rows]
    if twice := sorted({form for form in forms if forms.count(form) > 1}):
        raise ReferenceTableError(f"{PLATFORM_MENTIONS}: {', '.join(twice)} stands there twice; keep one")
    return tuple(rows)


def read_mentions(text: str) -> tuple[Mention, ...]:
    """Return the platforms that a text names, in order, each time they are named.

    Names are found as whole words, in the plain form of `canonical` and in the case that their row asks for (any;
    `initial`: the first letter is a capital; `upper`: all are). Between the words of a name may stand a blank, a
    hyphen or both; other marks (`Match.com`, `Twitter/X`) must be there. Of names that overlap the longest
    counts, of equally long ones the first. Nothing counts within an address or a handle (`joe@facebook.com`).
    """
    plain, places = plain_with_places(text)
    addresses = [found.span() for found in _ADDRESS.finditer(plain)]
    taken: list[tuple[int, int, _Name]] = []
    for start, end, name in sorted(_found(plain), key=lambda found: (found[0] - found[1], found[0])):
        if any(start < last and first < end for first, last in [*addresses, *((a, b) for a, b, _ in taken)]):
            continue
        if _in_case(text[places[start][0] : places[end - 1][1]], name.case):
            taken.append((start, end, name))
    return tuple(
        _mention(text, places[start][0], places[end - 1][1], name)
        for start, end, name in sorted(taken, key=lambda found: found[0])
    )


def _found(plain: str) -> Iterator[tuple[int, int, _Name]]:
    names = _names()
    for word in _WORD.finditer(plain):
        for name in names.get(word[0].partition("'")[0], ()):
            if found := name.pattern.match(plain, word.start()):
                yield found.start(), found.end(), name


def _in_case(written: str, case: str) -> bool:
    if case == "upper":
        return written == written.upper()
    return case == "any" or written[0].isupper()


def _mention(text: str, start: int, end: int, name: _Name) -> Mention:
    return Mention(name.code, platforms()[name.code].name, start, end, text[start:end], name.source)


@cache
def _names() -> dict[str, tuple[_Name, ...]]:
    """Return the names that count, by their first word up to an apostrophe.

    Raises ReferenceTableError where a label that counts is no single platform, product or owner's group.
    """
    names: dict[str, tuple[_Name, ...]] = {}
    for row in mention_rows():
        label = platform_labels().find(row.label)
        platform = platforms().get(label.code) if label else None
        if label is None or platform is None or platform.kind == "generic":
            raise ReferenceTableError(
                f"{PLATFORM_MENTIONS}: {row.label!r} is not the label of one platform in platform_labels.csv"
            )
        if row.counts:
            form = canonical(row.label)
            first = _WORD.findall(form)[0].partition("'")[0]
            names[first] = (*names.get(first, ()), _Name(_pattern(form), row.case, label.code, label.source))
    return names


def _pattern(form: str) -> re.Pattern[str]:
    """Return what finds a label in plain text, whole words only."""
    words = list(_WORD.finditer(form))
    parts = [re.escape(left[0]) + _gap(form[left.end() : right.start()]) for left, right in pairwise(words)]
    last = re.escape(words[-1][0]) + _marks(form[words[-1].end() :])
    return re.compile(rf"(?<!\w){''.join(parts)}{last}(?!\w)")


def _gap(gap: str) -> str:
    if gap.strip() in {"", "-"}:
        return "[ -]{1,3}"
    return re.escape(gap) if "." in gap else f"{_marks(gap)} *"


def _marks(marks: str) -> str:
    """Return what finds the marks of a label; blanks before them mean nothing."""
    return "".join(f" *{re.escape(mark)}" for mark in marks if not mark.isspace())
