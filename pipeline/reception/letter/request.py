"""What was asked for: the lines of the request and the platforms it lists.

Here: platforms by their known labels, and what stands in a list of them unknown (`platforms_asked`).
Not here: what a platform is; the known labels are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, takewhile

from pipeline.reception.letter.parts import LetterRow
from pipeline.reception.letter.passages import Fact, fact_on, passage_of, place_of

_LIST_GAP = re.compile(r"\s*(?:[,;\n]|\band\b|\bor\b|&)\s*", re.IGNORECASE)
_LIST_END = re.compile(r"[.:?!)](?=\s|$)|(?<!,)(?<!, )(?<!and)(?<!and )(?<!\bor)(?<!\bor )\n")
_ITEM = re.compile(r"^[\"'“‘(]*[A-Z0-9][\w.+!'’-]*(?:[\s/][\w.+!'’-]+){0,2}[\"'”’)]*$")


def platforms_asked(
    rows: Sequence[LetterRow], labels: Mapping[str, str], unsure: list[str]
) -> tuple[tuple[Fact[str], ...], tuple[Fact[str], ...]]:
    """Return the platforms asked for, each code once, and all that are listed, as printed."""
    passage = passage_of(row for row in rows if row.part == "asked" and row.plain)
    codes = {" ".join(label.casefold().split()): code for label, code in labels.items()}
    if not passage.text or not codes:
        return (), ()
    forms = "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in sorted(codes, key=len, reverse=True))
    mentions: list[re.Match[str]] = []
    small: set[str] = set()
    for match in re.finditer(rf"(?<![\w@.])(?:{forms})(?![\w@])", passage.text, re.IGNORECASE):
        printed = match[0]
        if " ".join(printed.casefold().split()) not in codes:
            continue  # a letter such as a dotless i, which only ignoring case takes for another
        if printed.islower() and printed not in labels:
            if printed not in small:
                place = passage.line_at(match.start()).place
                unsure.append(
                    f"platforms: {printed!r} ({place}) is written small: a platform or a plain word? Not taken"
                )
            small.add(printed)
        else:
            mentions.append(match)
    listed = sorted(
        [(m.start(), m[0]) for m in mentions] + list(_unknown_items(passage.text, mentions)), key=lambda item: item[0]
    )
    known = {m.start() for m in mentions}
    first: dict[str, Fact[str]] = {}
    facts = []
    for start, printed in listed:
        fact = fact_on(" ".join(printed.split()), passage.line_at(start))
        facts.append(fact)
        if start not in known:
            unsure.append(f"platforms: {fact.value!r} ({place_of(fact)}) stands in the list and is no known label")
            continue
        code = codes[fact.value.casefold()]
        if code in first and first[code].value != fact.value:
            unsure.append(
                f"platforms: {fact.value!r} ({place_of(fact)}) is {first[code].value!r} again ({place_of(first[code])})"
            )
        first.setdefault(code, fact)
    return tuple(first.values()), tuple(facts)


def _unknown_items(text: str, mentions: Sequence[re.Match[str]]) -> Iterator[tuple[int, str]]:
    """Yield (offset, text) of what stands in a list between known platforms, and at its end, and is none of them."""
    in_list = False
    for mention, following in pairwise([*mentions, None]):
        assert mention is not None
        until = len(text) if following is None else following.start()
        end = _LIST_END.search(text, mention.end(), until)
        stop = until if end is None else end.start()
        if following is not None and stop == until:
            items = _items(text, mention.end(), until)
            in_list = all(_ITEM.search(item) for _, item in items)
            yield from items if in_list else ()
        else:
            items = _items(text, mention.end(), stop) if in_list else []
            yield from takewhile(lambda item: _ITEM.search(item[1]), items)
            in_list = False


def _items(text: str, start: int, stop: int) -> list[tuple[int, str]]:
    """Return (offset, text) of each piece between separators; of prose that no separator opens, one piece."""
    if not text[start:stop].strip():
        return []
    gaps = list(_LIST_GAP.finditer(text, start, stop))
    if not gaps or gaps[0].start() > start:
        return [(start, text[start:stop])]
    ends = [*(gap.start() for gap in gaps[1:]), stop]
    pieces = [(gap.end(), text[gap.end() : end].rstrip()) for gap, end in zip(gaps, ends, strict=True)]
    return [(offset, piece) for offset, piece in pieces if piece]


def questions_asked(rows: Sequence[LetterRow]) -> tuple[Fact[str], ...]:
    """Return the lines of the request."""
    return tuple(fact_on(row.plain, row.line) for row in rows if row.part == "asked" and row.plain)
