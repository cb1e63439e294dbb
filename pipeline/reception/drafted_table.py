"""The draft of one table: what its headers and values say of its layout, columns, period and form.

Here: what is proposed for a table (`described`, `total_markers`, `form`), with the questions it leaves open, the lines
of a file that it leaves out (`left_out`), and how a person says what it covers (`covers_said`).
Not here: the manifest that the table stands in, what a letter says (draft.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from pydantic import ValidationError

from pipeline.intake.areas import area_of
from pipeline.intake.delimited import split_record
from pipeline.intake.manifest import TOTAL_WORDS, Covers, RecordIs, Unit
from pipeline.intake.reader import SetAside
from pipeline.intake.reading import Reading
from pipeline.store.naming import slug

_ROLES = (
    ("reference", r"\b(reference|ref|urn|crn|id|(crime|incident|occurrence|log|case|record) (number|no))\b(?! of)"),
    ("age", r"\bages?\b"),
    ("platform", r"\b(platforms?|sites?|websites?|apps?|social media|keywords?)\b"),
    ("count", r"\b(counts?|numbers|totals?|volumes?|frequency)\b|\b(number|no) of\b|^number\b"),
    ("period", r"\b(months?|dates?|years?|periods?|quarters?)\b"),
    ("outcome", r"\b(outcomes?|status|disposals?|results?)\b"),
    ("offence", r"\b(offen[cs]es?|crimes?|types?|ho)\b"),
)
"""Canonical names by the words of a header, the first that fits."""
_CODES = re.compile(r"\b(ho|codes?|class|types?)\b")
_COUNTED = re.compile(
    r"\b(arrests|calls|cases|charges|crimes|hits|incidents|investigations|mentions|occurrences|offen[cs]es|people|persons"
    r"|records|reports|suspects|victims)\b"
)
"""What is counted, in the plural: numbers below such a header say how many there are."""
_OF_RECORDS = frozenset({"reference", "period", "age", "outcome"})
"""What a table of records says of each."""
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_YEAR = r"(?:19|20)\d\d(?!\d)"
_PERIOD_LABEL = re.compile(
    rf"(?=.*{_YEAR})(?:{_MONTH}|{_YEAR}|\d{{1,2}}(?:st|nd|rd|th)?(?!\d)|q[1-4]|fy|cy|year|to|until|of|[\s,/'*–-])+"
    rf"|{_MONTH}[\s/'-]*\d\d",
    re.IGNORECASE,
)
_LONGEST_HEADER = 8
"""Words of a header that names a column; a longer one is a sentence, whose single words prove nothing."""
_LONGEST_SHOWN = 300
"""Characters of a line that is left out, as it is told."""
_COUNT = re.compile(r"\d{1,3}(,\d{3})+|\d+|<\s*\d+|\*|-")
_FEWER = re.compile(r"<\s*(\d+)")
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
class Described:
    """What is proposed for a table, and the questions that leaves open, with the keys of the table.

    Where no word says whether its lines are records or counts, that is the question `layout`, and `layouts` has what
    follows from each answer; the table is then that of records.
    """

    table: Mapping[str, Any]
    questions: tuple[Question, ...]
    layouts: Mapping[str, Described] = field(default_factory=dict)


def described(reading: Reading) -> Described:
    """Return layout, columns, what one record or count is, the columns that are not read, and the period covered."""
    drafted = _layout(reading)
    words = "Which period does it cover (as: financial 2020-04-01 to 2021-03-31, both inclusive)? Empty = not stated."
    covers = Question("covers", words, None)
    return replace(drafted, table={**drafted.table, "covers": None}, questions=(*drafted.questions, covers))


def _layout(reading: Reading) -> Described:
    """Return layout, columns, what one record or count is, and the columns that are not read."""
    open_: list[Question] = []
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
        return Described(_counts(table, "", open_), tuple(open_))
    numbers = [at for at, role in enumerate(roles) if role in {None, "count"} and _only_counts(reading, at)]
    if not numbers or "reference" in roles:
        return _columns(reading, roles, numbers, is_counts=False)
    if "count" in roles and any(roles[at] == "count" for at in numbers):
        return _columns(reading, roles, numbers, is_counts=True)
    records = _columns(reading, roles, numbers, is_counts=False)
    layouts = {"records": records, "counts": _columns(reading, roles, numbers, is_counts=True)}
    named = ", ".join(str(refs[at]) for at in numbers)
    words = f"Is each line one record, or does a number in it say how many there are, and no header says so ({named})?"
    if any(isinstance(ref, str) and _COUNT.fullmatch(ref.strip()) for ref in refs):
        words += " A header is a number: is it one? If not, write header_line: 0 and columns by position by hand."
    # an outcome on each line is that of one crime; other labels stand in tables of records and of counts alike
    proposed = "records" if "outcome" in roles else None
    question = Question("layout", f"{words} Say records or counts.", proposed)
    return Described(records.table, (question,), layouts)


def _columns(reading: Reading, roles: Sequence[str | None], numbers: Sequence[int], *, is_counts: bool) -> Described:
    """Return a table of records or of counts, its columns named by their roles.

    `numbers` are the columns that may be the count: those that have one in every line and stand for nothing else.
    """
    refs = _refs(reading)
    said = [at for at in numbers if roles[at] == "count"]
    open_: list[Question] = []
    # numbers beside a reference may be counts; lines without any of these may be of anything
    is_mixed = bool(numbers) and "reference" in roles
    if not is_counts and (is_mixed or not (numbers or _OF_RECORDS.intersection(roles))):
        words = "Is each line one record? If not, write layout: counts and its columns by hand."
        open_.append(Question("layout", words, "records"))
    elif is_counts and said and any(isinstance(ref, str) and _COUNT.fullmatch(ref.strip()) for ref in refs):
        words = "A header is a number: is it one? If not, write header_line: 0 and columns by position by hand."
        open_.append(Question("layout", words, "counts"))
    named: dict[str, str | int] = {}
    for role, _ in _ROLES:
        found = [at for at, its in enumerate(roles) if its == role and role != "count"]
        if role == "count" and is_counts:
            found = said or list(numbers)
        if len(found) > 1 or (role == "count" and is_counts and (len(numbers) > 1 or not said)):
            several = ", ".join(str(refs[at]) for at in (numbers if role == "count" else found))
            # of several columns of numbers none of which is called a count, the first is no better than the others
            is_open = role == "count" and not said and len(found) > 1
            question = f"Which column is it: {several}?"
            open_.append(Question(f"columns.{role}", question, None if is_open else str(refs[found[0]])))
        if found:
            named[role] = refs[found[0]]
    if is_counts:
        # a label that is not read would hide that its lines are of different things
        for at, its in enumerate(roles):
            if its is None and at not in numbers and any(record.values[at].strip() for record in reading.records):
                named[_other(refs[at])] = refs[at]
    ignored = [ref for ref in refs if ref not in named.values()]
    table = {"columns": named, "ignored": ignored} if ignored else {"columns": named}
    if is_counts:
        return Described(_counts(table, str(named["count"]), open_), tuple(open_))
    words = f"What is one record ({', '.join(get_args(RecordIs))})?"
    open_.append(Question("record_is", words, "unknown"))
    return Described({"layout": "records", "record_is": "unknown", **table}, tuple(open_))


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
    if role in {None, "offence"} and only_counts and not _CODES.search(words):
        return "count" if role == "offence" or _COUNTED.search(words) else None
    return role


def _other(ref: str | int) -> str:
    try:
        return f"other:{slug(str(ref) if isinstance(ref, str) else f'column {ref}')}"
    except ValueError:
        return "other:label"


def _only_counts(reading: Reading, at: int) -> bool:
    values = [value for record in reading.records if (value := record.values[at].strip())]
    return any(value[-1].isdigit() for value in values) and all(_COUNT.fullmatch(value) for value in values)


def total_markers(reading: Reading) -> dict[str, dict[str, str]]:
    """Return markers for what lines of totals are called, as printed: in lines set aside and in records."""
    values = {value.strip() for record in reading.records for value in record.values}
    words = sorted({value for value in values if value.lower() in TOTAL_WORDS} | reading.total_words)
    return {word: {"kind": "total"} for word in words}


def fewer_markers(reading: Reading, table: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return markers for counts that are printed as fewer than a number: `<5` is 0 to 4."""
    wide = table.get("wide", {}).get("columns", [])
    refs = _refs(reading)
    places = [column["at"] - 1 for column in wide] or [refs.index(table["columns"]["count"])]
    values = {record.values[at].strip() for record in reading.records for at in places}
    found = {value: int(said[1]) for value in values if (said := _FEWER.fullmatch(value)) and int(said[1])}
    return {value: {"kind": "suppressed", "min": 0, "max": found[value] - 1} for value in sorted(found)}


def form(reading: Reading, *, ended: bool = True) -> dict[str, Any]:
    """Return what a manifest has to say of where a table is in its file, and of how that is written.

    Of lines of text a range is said only where notes stand below the table that are left out. `ended` says whether the
    last line of the file has a line end.
    """
    form: dict[str, Any] = dict(reading.address or {})
    if reading.header_line != (area_of(form["cells"]).top if "cells" in form else 1):
        form["header_line"] = reading.header_line
    if reading.address is not None:
        return form
    if reading.delimiter not in {None, ","}:
        form["delimiter"] = reading.delimiter
    if reading.encoding in {"cp1252", "utf-16"}:
        form["encoding"] = reading.encoding
    if _left_out(reading, ended=ended):
        form["range"] = f"1-{_end(reading, ended=ended)}"
    return form


def left_out(reading: Reading, *, ended: bool = True) -> tuple[str, ...]:
    """Return, in words, each line of a file that the range of `form` leaves out, with what it says."""
    aside = _left_out(reading, ended=ended)
    return tuple(f"line {one.line_no} is left out as a note: {_shown(one.text)!r}" for one in aside)


def _left_out(reading: Reading, *, ended: bool) -> list[SetAside]:
    """Return the lines below a table of lines of text that say something and are not read."""
    if reading.address is not None:
        return []
    end = _end(reading, ended=ended)
    return [aside for aside in reading.account.set_aside if aside.line_no > end and aside.text.strip()]


def _end(reading: Reading, *, ended: bool) -> int:
    """Return the last line of a table: below it are only blank lines and notes of one field.

    A line with delimiters, and a last one that the end of the file may have cut, is of the table: it may be a record.
    """
    account = reading.account
    lines = [(record.line_no, record.lines) for record in reading.records]
    lines += [(rejected.line_no, rejected.lines) for rejected in account.rejected]
    for aside in account.set_aside:
        fields = split_record(aside.text, reading.delimiter or "\0")
        is_cut = not ended and aside.line_no + aside.lines - 1 == account.physical_lines
        if aside.rule != "blank" and (aside.rule != "note" or is_cut or fields is None or len(fields) > 1):
            lines.append((aside.line_no, aside.lines))
    return max(at + n - 1 for at, n in lines)


def _shown(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= _LONGEST_SHOWN else f"{said[:_LONGEST_SHOWN]}…"


def covers_said(said: str) -> dict[str, Any] | None:
    """Return the period in what a person says, with its basis; None where it is none."""
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
