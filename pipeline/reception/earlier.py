"""Earlier answers: how one that arrived stands to those that raw/ has of the same force.

Here: the questions that follow from what is there already (`vintage_questions`), what a person's answers make of the
manifest (`declared`), and which files were there before (`same_bytes`).
Not here: what changed from one vintage to the next (lineage).

What is in raw/ stays as it is. An answer never replaces one that was given later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.intake.manifest import MANIFEST_NAME, Disclosure
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import replacements
from pipeline.reception.draft import Question
from pipeline.store.naming import slug

NAME, RELATION = "our_reference", "relation"
KEYS = frozenset({NAME, RELATION})
NEITHER = "neither"
_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_SHOWN_FILES = 3
_SHORTEST_NAMED = 5
"""Characters of a reference that is looked for in a letter; a shorter one may be any number."""


@dataclass(frozen=True)
class Before:
    """What raw/ had when files arrived: its disclosures, and the letter's words, in which one of them may be named."""

    disclosures: tuple[Disclosure, ...] = ()
    letter: str = ""


def folder_name(manifest: Mapping[str, Any]) -> str | None:
    """Return the name of the folder below its force that a drafted manifest asks for, or None where it has none."""
    try:
        return str(manifest.get(NAME) or slug(str(manifest["reference"])))
    except ValueError:
        return None


def same_bytes(before: Before, files: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return, of files by name with their SHA-256, those that a manifest of raw/ names with the same bytes, and where.

    A place is <force>/<reference>/<file>.
    """
    known: dict[str, list[str]] = {}
    for disclosure in before.disclosures:
        for file, sha256 in _files(disclosure):
            known.setdefault(sha256, []).append(f"{disclosure.name}/{file}")
    return {file: tuple(dict.fromkeys(known[sha256])) for file, sha256 in files.items() if sha256 in known}


def vintage_questions(before: Before, manifest: Mapping[str, Any], files: Mapping[str, str]) -> tuple[Question, ...]:
    """Return what a person must say because of what raw/ has already; nothing while the force is not known.

    Asked is a name, where the folder of the reference is taken, and how this answer stands to an earlier one: one
    with the same reference, or one that the letter names. `supersedes` is proposed only where this answer was given
    later and no file of it has the name of another one that was there. A draft that says how it stands is not asked.
    """
    name, asked = folder_name(manifest), []
    if name is not None and _taken(before, f"{manifest['force']}/{name}"):
        words = f"raw/{manifest['force']}/{name} is there already, and stays. What do we call this answer (a slug)?"
        asked.append(Question(NAME, words, _free_name(before, manifest, name)))
    says_so = "supersedes" in manifest or "corrects" in manifest
    if not says_so and (earlier := _earlier(before, manifest, name)):
        asked.append(_relation(before, manifest, files, earlier))
    return tuple(asked)


def declared(
    before: Before, manifest: Mapping[str, Any], files: Mapping[str, str], answers: Mapping[str, str]
) -> dict[str, Any]:
    """Return the manifest with what the answers say, a new one; an empty answer takes what is proposed.

    Raises Refused with every answer that does not do.
    """
    result, problems = dict(manifest), []
    asked = {question.key: question for question in vintage_questions(before, manifest, files)}
    for key, given in answers.items():
        if key not in asked:
            problems.append(_problem(key, "an answer", "an answer to a question that is asked"))
            continue
        said = given.strip() or asked[key].proposed or ""
        if key == NAME:
            if _SLUG.fullmatch(said) is None or _taken(before, f"{manifest['force']}/{said}"):
                problems.append(_problem(key, repr(said), "a slug that no folder of the force has yet"))
            result = _after("reference", NAME, said, result)
        elif said not in (choices := _choices(before, manifest, _earlier(before, manifest, folder_name(manifest)))):
            problems.append(_problem(key, repr(said), f"one of {', '.join(choices)}"))
        else:
            word, _, other = said.partition(" ")
            if word in {"supersedes", "corrects"}:
                result = _after("decision", word, other, result)
    if problems:
        raise Refused(*problems)
    return result


def to_be_written(before: Before, manifest: Mapping[str, Any], answers: Mapping[str, str]) -> str | None:
    """Return what a person has to write into a manifest of raw/ because of an older answer that came late, or None."""
    if not answers.get(RELATION, "").startswith("superseded by "):
        return None
    token = answers[RELATION].removeprefix("superseded by ")
    there = next(d for d in before.disclosures if d.force == manifest["force"] and _token(before, manifest, d) == token)
    own = manifest.get("reference")
    if own is None or any(_alike(d.reference, own) for d in before.disclosures if d.force == manifest["force"]):
        own = folder_name(manifest)
    return f"raw/{there.name}/{MANIFEST_NAME}: write `supersedes: {own}` there"


def _earlier(before: Before, manifest: Mapping[str, Any], name: str | None) -> list[Disclosure]:
    """Return the answers in raw/ that this one may replace: of one request only the one that nothing replaced yet."""
    of_force = [d for d in before.disclosures if d.force == manifest["force"]]
    replaced = {older.name for older, _, _ in replacements(of_force)}
    own = manifest.get("reference")
    return [
        d
        for d in of_force
        if d.name not in replaced
        and (d.name == f"{d.force}/{name}" or _alike(d.reference, own) or _is_named(d.reference, own, before.letter))
    ]


def _alike(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and _words(one) == _words(other)


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _is_named(reference: str | None, own: str | None, letter: str) -> bool:
    if reference is None or len(reference) < _SHORTEST_NAMED or _alike(reference, own):
        return False
    return re.search(rf"(?<![\w/-]){re.escape(_words(reference))}(?![\w/-])", _words(letter)) is not None


def _relation(
    before: Before, manifest: Mapping[str, Any], files: Mapping[str, str], earlier: Sequence[Disclosure]
) -> Question:
    choices = _choices(before, manifest, earlier)
    said = [words for other in earlier for words in _said_of(before, other, manifest, files)]
    words = f"{'; '.join(said)}. How does this answer stand to it ({', '.join(choices)})?"
    only = len(earlier) == 1 and _answered(manifest, earlier[0]) == "later"
    clash = any(_other_bytes(other, files) for other in earlier)
    return Question(RELATION, words, choices[0] if only and not clash else None)


def _said_of(before: Before, other: Disclosure, manifest: Mapping[str, Any], files: Mapping[str, str]) -> Iterator[str]:
    given = f"answered on {other.responded}" if other.responded else f"published on {other.published}"
    when = f", {given}," if other.responded or other.published else ""
    named = _is_named(other.reference, manifest.get("reference"), before.letter)
    yield f"raw/{other.name}{when} is {'named in the letter' if named else 'of the same request'}"
    if _answered(manifest, other) == "before":
        yield f"it was answered after this one ({manifest['responded']}), so this one cannot replace it"
    if differ := _other_bytes(other, files):
        more = f" and {len(differ) - _SHOWN_FILES} more" if len(differ) > _SHOWN_FILES else ""
        stay = f"those in raw/{other.name}, which stay"
        yield f"{', '.join(differ[:_SHOWN_FILES])}{more}: other bytes under the same name than {stay}"


def _choices(before: Before, manifest: Mapping[str, Any], earlier: Sequence[Disclosure]) -> list[str]:
    choices = []
    for other in earlier:
        token, when = _token(before, manifest, other), _answered(manifest, other)
        if when != "before":
            choices += [f"supersedes {token}", f"corrects {token}"]
        if when != "later":
            choices.append(f"superseded by {token}")
    return [*choices, NEITHER]


def _answered(manifest: Mapping[str, Any], other: Disclosure) -> str:
    """Return when an answer was given, seen from another one: before, later, or unknown.

    An answer is published on the day it was given or after it.
    """
    own = manifest.get("responded")
    if not isinstance(own, date):
        return "unknown"
    if other.responded is not None and own < other.responded:
        return "before"
    given = other.responded or other.published
    return "later" if given is not None and own > given else "unknown"


def _token(before: Before, manifest: Mapping[str, Any], other: Disclosure) -> str:
    """Return what `supersedes` calls a disclosure: its printed reference where it alone has it, else its folder."""
    printed = [d.reference for d in before.disclosures if d.force == other.force] + [manifest.get("reference")]
    alone = sum(_alike(reference, other.reference) for reference in printed) == 1
    return str(other.reference) if alone else other.name.split("/")[1]


def _other_bytes(other: Disclosure, files: Mapping[str, str]) -> list[str]:
    return sorted({file for file, sha256 in _files(other) if files.get(file, sha256) != sha256})


def _files(disclosure: Disclosure) -> Iterator[tuple[str, str]]:
    for table in disclosure.tables:
        for entry in table.extracts:
            yield entry.file, entry.sha256


def _taken(before: Before, name: str) -> bool:
    return any(d.name == name for d in before.disclosures)


def _free_name(before: Before, manifest: Mapping[str, Any], name: str) -> str:
    """Return the name with the day of this answer behind it, or else with a number, that no folder has."""
    day = manifest.get("responded")
    candidates = [f"{name}-{day}"] if isinstance(day, date) else []
    candidates += [f"{name}-{number}" for number in range(2, len(before.disclosures) + 3)]
    return next(c for c in candidates if not _taken(before, f"{manifest['force']}/{c}"))


def _after(place: str, key: str, value: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest with a key behind another one."""
    result: dict[str, Any] = {}
    for name, existing in manifest.items():
        if name != key:
            result[name] = existing
        if name == place:
            result[key] = value
    return result


def _problem(key: str, found: str, expected: str) -> Problem:
    return Problem(MANIFEST_NAME, found, expected, "answer again", column=key)
