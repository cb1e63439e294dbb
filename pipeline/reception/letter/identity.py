"""Whose letter it is: the reference and the force.

Here: the one reference and the one known force that a letter names.
Not here: what a force or a reference means; the known forces are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.reception.letter.days import DATE
from pipeline.reception.letter.parts import LetterRow
from pipeline.reception.letter.passages import Fact, fact_on, one_of, place_of, with_next
from pipeline.reception.letter.wording import words
from pipeline.store.naming import slug

_REFERENCE_LABEL = (
    r"(?:\b(?:(?:our|foi|foia|request|case|freedom of information(?: act)?(?: request)?) ?)"
    r"(?:reference|ref\b)|(?<!your\s)(?<!their\s)(?<![a-z]-)\b(?:reference|ref)\b)(?:[\s.]*(?:number|num|no)\b)?[\s.:#]*"
)
_REFERENCE = (
    r"(?P<value>(?:(?:FOI|FOIA|RFI|PUB|EIR)[\s-])?(?=[\w./-]*\d)[A-Z0-9][\w./-]*[A-Z0-9]"
    r"(?: ?\((?:PUB|FOI) ?\d+\))?)(?![\w/])"
)
_LABELLED_REFERENCE = words(_REFERENCE_LABEL + _REFERENCE)
_BARE_REFERENCE = re.compile(rf"^{_REFERENCE}$".replace(" ", r"\s+"), re.IGNORECASE)
_ONLY_LABEL = re.compile(rf"^{_REFERENCE_LABEL}$".replace(" ", r"\s*"), re.IGNORECASE)
_TITLE_REFERENCE = words(
    r"(?:\b(?:FOI|FOIA|Freedom of Information)(?: Request)?[\s:/-]+|\s[-–—]\s(?=\S+$))"
    r"(?P<value>(?!(?:19|20)\d\d/\d\d\b)(?=[\w./-]*\d)[A-Z0-9]*\d[A-Z0-9]*(?:[./_-][A-Z0-9]+)+|(?<=FOI/)\d{3,})(?![\w/])"
)


def reference_of(rows: Sequence[LetterRow], unsure: list[str]) -> Fact[str] | None:
    """Return the one reference of the letter, as printed."""
    own = [row for row in rows if row.part != "asked"]
    found = list(_references(own, _LABELLED_REFERENCE))
    for row, below in with_next(own):
        if _ONLY_LABEL.search(row.plain) and (m := _BARE_REFERENCE.search(below.plain)) and _usable(m):
            found.append(fact_on(m["value"], below.line))
    if found:
        return one_of(found, "two references", unsure, lambda value: slug(value))
    titles = list(_references(own, _TITLE_REFERENCE))
    title = one_of(titles, "two references", unsure, lambda value: slug(value))
    if title is not None:
        unsure.append(f"reference: {title.value} ({place_of(title)}) stands in a title, under no label of a reference")
    elif not titles:
        unsure.append("no reference is printed")
    return title


def _references(rows: Sequence[LetterRow], pattern: re.Pattern[str]) -> Iterator[Fact[str]]:
    for row in rows:
        for match in pattern.finditer(row.plain):
            if _usable(match):
                yield fact_on(match["value"], row.line)


def _usable(match: re.Match[str]) -> bool:
    """Return whether a match is a reference: not a date, not the word beside a number."""
    return not DATE.fullmatch(match["value"])


_POLICE = r"(?: Police Service| Police Force| Police| Constabulary)"


def force_of(rows: Sequence[LetterRow], force_names: Mapping[str, str], unsure: list[str]) -> Fact[str] | None:
    """Return the slug of the one known force that the letter names outside of the request."""
    patterns = {name: _force_pattern(name, title) for name, title in force_names.items()}
    own = [row for row in rows if row.part != "asked"]
    found = [fact_on(name, row.line) for row in own for name, pattern in patterns.items() if pattern.search(row.plain)]
    if found:
        return one_of(found, "several forces", unsure, lambda value: value)
    hosts = {name.replace("-", ""): name for name in force_names}
    addressed = [
        fact_on(hosts[host], row.line)
        for row in own
        for part in re.findall(r"\b([\w-]+)\.police\.uk\b", row.plain.lower())
        if (host := part.replace("-", "")) in hosts
    ]
    force = one_of(addressed, "several forces", unsure, lambda value: value)
    if force is not None:
        unsure.append(f"force: {force.value} is read from an address ({place_of(force)}); no line names the force")
    elif not addressed:
        unsure.append("no known force is named")
    return force


def _force_pattern(name: str, title: str) -> re.Pattern[str]:
    title = re.sub(r" \(.*\)$", "", title)
    forms = [re.escape(title)]
    forms += [re.escape(stem) + _POLICE for stem in (re.sub(_POLICE + "$", "", title), name.replace("-", " "))]
    text = "|".join(form.replace(r"\ ", " ").replace(r"\-", r"[\s-]") for form in forms)
    text = re.sub(r" (?:&|\\&|and) ", r" (?:&|and) ", text)
    if name not in slug(title):
        text += f"|(?-i:{re.escape(name.upper())})"
    return words(rf"(?<![\w-])(?:{text})(?!\w)")
