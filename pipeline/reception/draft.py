"""The first draft of a manifest, from what a letter says and what the files show, with the questions left open.

Here: `draft`, which proposes, `answer`, which fills in what a person says, and `as_yaml`, which writes the manifest
with each open question beside its value.
Not here: reading the letter and the files, and whether the manifest holds (manifest.py).

What is proposed follows from a header or from a line of the letter; what does not is asked. No sentence of a letter
is copied.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from pipeline.intake import yaml_places
from pipeline.intake.letter import Fact, LetterFacts
from pipeline.intake.manifest import MANIFEST_NAME, TOTAL_WORDS, Covers, Decision, RecordIs, Unit
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reading import Reading
from pipeline.store.naming import slug

_OWN_WORDS = {
    "living-system": "The system that the figures come from keeps changing; they hold for the day they were taken.",
    "not-comparable": "The force says that its figures are not to be compared with those of others.",
    "keyword-search": "The figures come from a search for words, and hold what that search finds.",
}
"""What this project writes for the limitations that most letters print, by the id that the letter reader gives."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "decision": get_args(Decision),
    "record_is": get_args(RecordIs),
    "unit": get_args(Unit),
}
_ROLES = (
    ("reference", r"\b(reference|ref|urn|crn|id|(crime|incident|occurrence|log|case|record) (number|no))\b(?! of)"),
    ("age", r"\bages?\b"),
    ("platform", r"\b(platforms?|sites?|websites?|apps?|social media|keywords?)\b"),
    ("count", r"\b(counts?|numbers?|totals?|volumes?)\b"),
    ("period", r"\b(months?|dates?|years?|periods?|quarters?)\b"),
    ("outcome", r"\b(outcomes?|status|disposals?|results?)\b"),
    ("offence", r"\b(offen[cs]es?|crimes?|types?|ho)\b"),
)
"""Canonical names by the words of a header, the first that fits."""
_CODES = re.compile(r"\b(ho|codes?|class|types?)\b")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_YEAR = r"(?:19|20)\d\d(?!\d)"
_PERIOD_LABEL = re.compile(
    rf"(?=.*{_YEAR})(?:{_MONTH}|{_YEAR}|\d{{1,2}}(?:st|nd|rd|th)?(?!\d)|q[1-4]|fy|cy|year|to|until|of|[\s,/'*–-])+"
    rf"|{_MONTH}[\s/'-]*\d\d",
    re.IGNORECASE,
)
_LONGEST_HEADER = 8
"""Words of a header that names a column; a longer one is a sentence, whose single words prove nothing."""
_COUNT = re.compile(r"\d{1,3}(,\d{3})+|\d+|<\s*\d+|\*|-")
_UNITS = (
    ("arrest", "arrests"),
    ("charge", "charges"),
    ("crime", "crimes"),
    ("offence", "crimes"),
    ("victim", "victims"),
)
_COVERS = re.compile(
    r"(?:(?P<basis>[a-z]+)\s+)?(?P<start>\d{4}-\d\d-\d\d)\s*(?:to|-|–)\s*(?P<end>\d{4}-\d\d-\d\d)", re.IGNORECASE
)


@dataclass(frozen=True)
class Question:
    """Something to be decided: the place in the manifest, the question, and what is proposed (None: nothing)."""

    key: str
    words: str
    proposed: str | None


@dataclass(frozen=True)
class Draft:
    """A manifest as plain values, what is proposed included, and the questions that are open."""

    manifest: dict[str, Any]
    questions: tuple[Question, ...]


def draft(
    letter: LetterFacts | None,
    readings: Mapping[str, Reading | Refused],
    force: str | None,
    *,
    digests: Mapping[str, str],
    letter_file: str | None = None,
) -> Draft:
    """Return the draft for the files of one answer.

    `readings` are the files by name, as they were read or refused; `digests` the SHA-256 of each file by name, that
    of `letter_file` included; `force` is what a person said, and goes before the letter. A file that cannot be read
    makes no table: it stands under `missing`, with why.
    """
    questions: list[Question] = []
    manifest: dict[str, Any] = {"force": _force(letter, force, questions)}
    manifest |= _reference(letter, readings, questions)
    for name in ("received", "responded"):
        if letter is not None and (said := getattr(letter, name)) is not None:
            manifest[name] = said.value
    if letter_file is not None:
        at = f"{letter_file}, as it came with the files"
        manifest["letter"] = {"sha256": digests[letter_file], "at": at, "held": "no"}
    manifest["decision"] = "unknown" if letter is None or letter.decision is None else letter.decision.value
    if letter is None or letter.decision is None:
        questions.append(Question("decision", "What did the force decide on the request as a whole?", "unknown"))
    manifest |= _holding(readings, questions)
    if letter is not None and letter.exemptions:
        manifest["answers"] = _answers(letter.exemptions, manifest, questions)
    if letter is not None and letter.caveats:
        manifest["caveats"] = _caveats(letter, questions)
    manifest["rights"] = {"bytes_may_leave": "no"}
    manifest["tables"] = []
    for file, reading in readings.items():
        if isinstance(reading, Reading):
            ids = {table["id"] for table in manifest["tables"]}
            table, open_ = _table(_table_id(file, ids), file, reading, digests[file], letter)
            manifest["tables"].append(table)
            questions += open_
    return Draft(manifest, tuple(questions))


def answer(drafted: Draft, answers: Mapping[str, str]) -> Draft:
    """Return the draft with questions answered, by key; an empty answer takes what is proposed.

    Raises Refused, with every answer that does not do: a key that is not asked, a word that is no choice.
    """
    asked = {question.key: question for question in drafted.questions}
    manifest = deepcopy(drafted.manifest)
    problems: list[Problem] = []
    for key, text in answers.items():
        said = " ".join(text.split())
        if key not in asked:
            problems.append(_problem(key, "no open question of that name", f"one of {', '.join(asked)}"))
        elif said and said != asked[key].proposed:
            problems += _fill(manifest, key, said)
        elif not said and key == "force" and asked[key].proposed is None:
            problems.append(_problem(key, "no answer", "an answer: nothing is proposed"))
    if problems:
        raise Refused(*problems)
    return Draft(manifest, tuple(q for q in drafted.questions if q.key not in answers))


def as_yaml(drafted: Draft) -> str:
    """Return the manifest as YAML, the same for the same draft, each open question behind its value."""
    text = yaml.safe_dump(drafted.manifest, sort_keys=False, allow_unicode=True, width=1_000_000)
    _, places = yaml_places.load(text, MANIFEST_NAME)
    lines = text.splitlines()
    for question in drafted.questions:
        line = places[_location(drafted.manifest, question.key)][0] - 1
        lines[line] += f"  # ? {question.words}"
    return "\n".join(lines) + "\n"


# --- what the letter says


def _force(letter: LetterFacts | None, force: str | None, questions: list[Question]) -> str | None:
    said = letter.force.value if letter is not None and letter.force is not None else None
    if force is not None and said is not None and force != said:
        questions.append(Question("force", f"The letter is of {said}: which force is it?", force))
    elif force is None and said is None:
        questions.append(Question("force", "Which force answered (a slug of forces.csv)?", None))
    return force or said


def _reference(
    letter: LetterFacts | None, readings: Mapping[str, Reading | Refused], questions: list[Question]
) -> dict[str, Any]:
    if letter is not None and letter.reference is not None:
        return {"reference": letter.reference.value}
    files = sorted(readings)
    name = slug(Path(files[0]).stem) if files else "answer"
    words = "Which reference does the answer print? Where it prints none, our_reference stays our name for it."
    questions.append(Question("reference", words, name))
    return {"reference": None, "our_reference": name}


def _answers(
    exemptions: Iterable[Fact[str]], manifest: Mapping[str, Any], questions: list[Question]
) -> list[dict[str, Any]]:
    name = slug(manifest["reference"] or manifest["our_reference"])
    words = "What do we call the question that was asked (a slug, common to every force that was asked the same)?"
    questions.append(Question("answers.question", words, name))
    values = list(dict.fromkeys(fact.value for fact in exemptions))
    return [{"question": name, "decision": manifest["decision"], "exemptions": values}]


def _caveats(letter: LetterFacts, questions: list[Question]) -> list[dict[str, str]]:
    caveats = []
    for caveat in letter.caveats:
        place = _place(caveat.said)
        text = _OWN_WORDS.get(caveat.id)
        if text is None:
            text = f"See the {place}."
            words = f"What limitation does the letter print ({place})? Say it in your own words."
            questions.append(Question(f"caveats.{caveat.id}", words, text))
        caveats.append({"id": caveat.id, "text": text})
    return caveats


def _holding(readings: Mapping[str, Reading | Refused], questions: list[Question]) -> dict[str, str]:
    """Return what is not held as tables: files that cannot be read, or everything where there is no table."""
    refused = {file: reading.problems for file, reading in readings.items() if isinstance(reading, Refused)}
    if not refused:
        return {} if readings else {"holding": "none"}
    missing = " ".join("; ".join(f"{file} came, and is not read: {p[0].found}" for file, p in refused.items()).split())
    remedies = "; ".join(dict.fromkeys(p[0].remedy for p in refused.values()))
    words = " ".join(f"Can it be read another way ({remedies})? If not, say what is missing.".split())
    questions.append(Question("missing", words, missing))
    return {"holding": "part" if len(refused) < len(readings) else "none", "missing": missing}


def _table_id(file: str, taken: set[str]) -> str:
    name = slug(Path(file).stem)
    return slug(file) if name in taken else name


# --- tables


def _table(
    table_id: str, file: str, reading: Reading, sha256: str, letter: LetterFacts | None
) -> tuple[dict[str, Any], list[Question]]:
    """Return the table that a file holds, and what its headers leave open."""
    open_: list[Question] = []
    table: dict[str, Any] = {"id": table_id, **_layout(reading, open_), "covers": None}
    words = "Which period does it cover (as: financial 2020-04-01 to 2021-03-31, both inclusive)? Empty = not stated."
    open_.append(Question("covers", words, None))
    if letter is not None:
        table |= _from_letter(letter, "platform" in table["columns"])
    if totals := _total_words(reading):
        table["markers"] = {word: {"kind": "total"} for word in totals}
    table["extracts"] = [{"file": file, "sha256": sha256, **_form(reading)}]
    return table, [replace(question, key=f"tables.{table_id}.{question.key}") for question in open_]


def _layout(reading: Reading, open_: list[Question]) -> dict[str, Any]:
    """Return layout, columns, what one record or count is, and the columns that are not read."""
    refs = _refs(reading)
    roles = [_role(ref, _only_counts(reading, at)) if isinstance(ref, str) else None for at, ref in enumerate(refs)]
    periods = [at for at, ref in enumerate(refs) if isinstance(ref, str) and _PERIOD_LABEL.fullmatch(ref.strip())]
    totals = [at for at, ref in enumerate(refs) if str(ref).strip().lower() in TOTAL_WORDS]
    labels = [at for at in range(len(refs)) if at not in periods and at not in totals]
    if periods and len(labels) == 1:
        at = labels[0]
        role = roles[at]
        name = role if role in {"offence", "outcome", "platform", "age"} else _other(refs[at])
        columns = [{"at": place + 1, "label": refs[place]} for place in periods]
        table = {"columns": {name: refs[at]}, "wide": {"dimension": "period", "columns": columns}}
        if totals:
            table["total_columns"] = [refs[place] for place in totals]
        return _counts(table, "", open_)
    numbers = [at for at, role in enumerate(roles) if role in {None, "count"} and _only_counts(reading, at)]
    is_counts = bool(numbers) and "reference" not in roles
    if not is_counts and (numbers or not {"reference", "period", "age", "outcome"}.intersection(roles)):
        words = "Is each line one record? If not, write layout: counts and its columns by hand."
        open_.append(Question("layout", words, "records"))
    elif is_counts and any(isinstance(ref, str) and _COUNT.fullmatch(ref.strip()) for ref in refs):
        words = "A header is a number: is it one? If not, write header_line: 0 and columns by position by hand."
        open_.append(Question("layout", words, "counts"))
    named: dict[str, str | int] = {}
    for role, _ in _ROLES:
        found = [at for at, its in enumerate(roles) if its == role and role != "count"]
        if role == "count" and is_counts:
            found = [at for at in numbers if roles[at] == "count"] or numbers
        if len(found) > 1 or (role == "count" and is_counts and len(numbers) > 1):
            several = ", ".join(str(refs[at]) for at in (numbers if role == "count" else found))
            open_.append(Question(f"columns.{role}", f"Which column is it: {several}?", str(refs[found[0]])))
        if found:
            named[role] = refs[found[0]]
    if is_counts:
        # a label that is not read would hide that its lines are of different things
        for at, role in enumerate(roles):
            if role is None and at not in numbers and any(record.values[at].strip() for record in reading.records):
                named[_other(refs[at])] = refs[at]
    ignored = [ref for ref in refs if ref not in named.values()]
    table = {"columns": named, "ignored": ignored} if ignored else {"columns": named}
    if is_counts:
        return _counts(table, str(named["count"]), open_)
    words = f"What is one record ({', '.join(get_args(RecordIs))})?"
    open_.append(Question("record_is", words, "unknown"))
    return {"layout": "records", "record_is": "unknown", **table}


def _counts(table: dict[str, Any], header: str, open_: list[Question]) -> dict[str, Any]:
    unit = next((unit for word, unit in _UNITS if word in header.lower()), "records")
    open_.append(Question("unit", f"What is one count one of ({', '.join(get_args(Unit))})?", unit))
    return {"layout": "counts", "unit": unit, "blank": "unknown", **table}


def _refs(reading: Reading) -> list[str | int]:
    """Return how a manifest names each column: by its header where that is one line and stands there once."""
    names = reading.columns
    return [
        name if reading.header_line and name.strip() and name.isprintable() and names.count(name) == 1 else at
        for at, name in enumerate(names, 1)
    ]


def _role(header: str, only_counts: bool) -> str | None:
    """Return the canonical name that the words of a header stand for, or None."""
    words = " ".join(re.sub(r"[^a-z]+", " ", header.lower()).split())
    # a date of birth is no period, and is not read
    if "birth" in words or len(words.split()) > _LONGEST_HEADER:
        return None
    role = next((role for role, said in _ROLES if re.search(said, words)), None)
    # numbers under "Crimes" are how many; offences are numbers only as codes
    return "count" if role == "offence" and only_counts and not _CODES.search(words) else role


def _other(ref: str | int) -> str:
    try:
        return f"other:{slug(str(ref) if isinstance(ref, str) else f'column {ref}')}"
    except ValueError:
        return "other:label"


def _only_counts(reading: Reading, at: int) -> bool:
    values = [value for record in reading.records if (value := record.values[at].strip())]
    return any(value[-1].isdigit() for value in values) and all(_COUNT.fullmatch(value) for value in values)


def _from_letter(letter: LetterFacts, platforms_in_lines: bool) -> dict[str, Any]:
    """Return what a letter says of every table: the day of extraction and what was searched for."""
    said: dict[str, Any] = {}
    places = {}
    if letter.as_at is not None:
        said["as_at"] = letter.as_at.value
        places["as_at"] = _place(letter.as_at)
    if letter.platforms:
        terms = [{"text": fact.value, "platform": fact.value} for fact in letter.platforms]
        said["search"] = {"terms": terms, "combine": "each" if platforms_in_lines else "any_of"}
        places["search"] = f"asked for: {_place(letter.platforms[0])}"
    return {**said, "said_at": places} if places else {}


def _place(fact: Fact[Any]) -> str:
    return f"letter, line {fact.line_no}" if fact.page is None else f"letter, page {fact.page}, line {fact.line_no}"


def _total_words(reading: Reading) -> list[str]:
    """Return what lines of totals are called, as printed: in lines set aside and in records."""
    laid = [s.text for s in reading.account.set_aside if s.rule == "total"]
    rows = [*csv.reader(laid, delimiter=reading.delimiter or ","), *(record.values for record in reading.records)]
    return sorted({value.strip() for row in rows for value in row if value.strip().lower() in TOTAL_WORDS})


def _form(reading: Reading) -> dict[str, Any]:
    """Return what a manifest has to say of the form of a file: a range only where notes stand below the table."""
    form: dict[str, Any] = {}
    if reading.header_line != 1:
        form["header_line"] = reading.header_line
    if reading.delimiter not in {None, ","}:
        form["delimiter"] = reading.delimiter
    if reading.encoding in {"cp1252", "utf-16"}:
        form["encoding"] = reading.encoding
    aside = reading.account.set_aside
    if any(s.rule == "note" for s in aside):
        table = [(s.line_no, s.lines) for s in aside if s.rule in {"header", "total"}]
        table += [(record.line_no, record.lines) for record in reading.records]
        table += [(rejected.line_no, rejected.lines) for rejected in reading.account.rejected]
        form["range"] = f"{min(at for at, _ in table)}-{max(at + n - 1 for at, n in table)}"
    return form


# --- what a person says


def _fill(manifest: dict[str, Any], key: str, said: str) -> list[Problem]:
    """Put an answer into the manifest; return why it does not do."""
    *_, name = key.split(".")
    location = _location(manifest, key)
    part = _at(manifest, location[:-1])
    if (choices := _CHOICES.get(name)) is not None and said not in choices:
        return [_problem(key, repr(said), f"one of {', '.join(choices)}")]
    if name == "layout":
        return [_problem(key, repr(said), "what is proposed; any other layout needs its columns written by hand")]
    if name == "covers":
        covers = _covers(said)
        if covers is None:
            return [_problem(key, repr(said), "2020-01-01 to 2024-10-17, two days in order, perhaps with its basis")]
        part[name] = covers
    elif "columns" in location:
        return _exchange(_at(manifest, location[:-2]), key, name, said)
    elif key == "reference":
        part["reference"] = said
        del part["our_reference"]
    else:
        part[str(location[-1])] = said
    return []


def _exchange(table: dict[str, Any], key: str, name: str, said: str) -> list[Problem]:
    """Give a canonical name to another column; the one that had it is ignored."""
    ignored = table.get("ignored", [])
    at = next((at for at, ref in enumerate(ignored) if str(ref) == said), None)
    if at is None:
        return [_problem(key, repr(said), f"one of {', '.join(map(str, [table['columns'][name], *ignored]))}")]
    ignored[at], table["columns"][name] = table["columns"][name], ignored[at]
    return []


def _covers(said: str) -> dict[str, Any] | None:
    found = _COVERS.fullmatch(said)
    if found is None:
        return None
    try:
        covers = Covers.model_validate(
            {"basis": (found["basis"] or "range").lower(), "start": found["start"], "end": found["end"]}
        )
    except ValidationError:
        return None
    return {"basis": covers.basis, "start": covers.start, "end": covers.end}


def _location(manifest: Mapping[str, Any], key: str) -> tuple[str | int, ...]:
    """Return where in the manifest the value of a question stands."""
    head, *rest = key.split(".")
    if head == "answers":
        return head, 0, *rest
    if head == "caveats":
        return head, _index(manifest[head], rest[0]), "text"
    if head == "tables":
        return head, _index(manifest[head], rest[0]), *rest[1:]
    return (key,)


def _index(parts: Sequence[Mapping[str, Any]], name: str) -> int:
    return [part["id"] for part in parts].index(name)


def _at(manifest: dict[str, Any], location: Sequence[str | int]) -> dict[str, Any]:
    part: Any = manifest
    for step in location:
        part = part[step]
    assert isinstance(part, dict)
    return part


def _problem(key: str, found: str, expected: str) -> Problem:
    return Problem(MANIFEST_NAME, found, expected, "answer again", column=key)
