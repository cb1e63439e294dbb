"""Accepting a label: what a row of a reference table must say, and writing it.

What the row would do to the figures is said by pipeline/publication/effect.py, before it is written.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.intake.problem import Problem, Refused
from pipeline.normalisation.ages import AGE_LABELS, age_labels, is_age, read_age
from pipeline.normalisation.labels import UNKNOWN_CSV, LabelRow, LabelTable
from pipeline.normalisation.offence_list import is_offence
from pipeline.normalisation.offences import OFFENCE_LABELS, offence_labels, read_offence
from pipeline.normalisation.outcomes import OUTCOME_LABELS, is_outcome, outcome_labels, read_outcome
from pipeline.normalisation.platforms import PLATFORM_LABELS, is_platform, platform_labels, read_platform
from pipeline.normalisation.reading import UNKNOWN, UNMAPPED, PlatformReading
from pipeline.normalisation.vocabulary import AnyReading
from pipeline.store import reference
from pipeline.store.files import written
from pipeline.store.lock import refresh_lock
from pipeline.store.places import Places

_NOT_A_SOURCE = ("/", "~", "file:")


@dataclass(frozen=True)
class _Vocabulary:
    """The table of labels of one vocabulary, how a label is read by it, which codes there are, its own columns."""

    file: str
    table: Callable[[], LabelTable]
    read: Callable[[str, LabelTable], AnyReading]
    has: Callable[[str], bool]
    codes: str
    own: Mapping[str, str]


_ACCEPTING: dict[str, _Vocabulary] = {
    "platforms": _Vocabulary(
        PLATFORM_LABELS,
        platform_labels,
        read_platform,
        is_platform,
        "platforms.csv; several as a|b",
        {},
    ),
    "outcomes": _Vocabulary(
        OUTCOME_LABELS,
        outcome_labels,
        read_outcome,
        is_outcome,
        "outcomes.csv",
        {"arrest": "unknown"},
    ),
    "offences": _Vocabulary(
        OFFENCE_LABELS,
        offence_labels,
        read_offence,
        is_offence,
        "ho_offences.csv and offence_supplement.csv",
        {"presumed_class": ""},
    ),
    "ages": _Vocabulary(
        AGE_LABELS,
        age_labels,
        read_age,
        is_age,
        "years, as 12-15, 16+ or 17, and unknown, Invalid",
        {},
    ),
}

ACCEPTING = tuple(_ACCEPTING)
"""The vocabularies that have a table of labels. Periods have none: their true ends are facts of one manifest."""


@dataclass(frozen=True)
class Decision:
    """What a person decided of one label: its code, on what source, who and when. `more` are a table's own columns."""

    vocabulary: str
    label: str
    code: str
    source: str
    decided: str
    note: str
    more: Mapping[str, str]

    @property
    def file(self) -> str:
        """The name of the table it goes into."""
        return _ACCEPTING[self.vocabulary].file

    @property
    def row(self) -> LabelRow:
        """The row it becomes."""
        own = {name: self.more.get(name) or default for name, default in _ACCEPTING[self.vocabulary].own.items()}
        return LabelRow(self.label, self.code, self.source, self.decided, self.note, own)


def check(decision: Decision) -> None:
    """Raise Refused where a decision cannot become a row: what it must say, and what the tables say already."""
    vocabulary = _ACCEPTING[decision.vocabulary]
    for name in ("label", "code", "source", "decided"):
        if not getattr(decision, name).strip():
            raise refused(decision, f"no {name}", f"a {name}", f"say it with the row: {name}")
    for name in ("label", "code", "source", "decided", "note"):
        if getattr(decision, name).splitlines() not in ([], [getattr(decision, name)]):
            raise refused(decision, f"a line break in {name}", "one line", "write a blank instead: it reads the same")
    if decision.source.startswith(_NOT_A_SOURCE):
        raise refused(decision, f"the source {decision.source!r}", "what others can open", "give an address or a name")
    if extra := sorted(name for name, value in decision.more.items() if value and name not in vocabulary.own):
        raise refused(decision, f"{', '.join(extra)} for {decision.vocabulary}", "columns of the table", "leave it out")
    for code in (decision.code, decision.more.get("presumed_class")):
        if code and code != UNMAPPED and not vocabulary.has(code):
            remedy = (
                "mend the code" if code != UNKNOWN else f"add it to {UNKNOWN_CSV} by hand: it is for every vocabulary"
            )
            raise refused(decision, f"the code {code!r}", f"a code of {vocabulary.codes}", remedy)
    if decision.code == UNMAPPED and not decision.note:
        raise refused(decision, "Unmapped without a note", "why it cannot be mapped", "say --note")
    table = vocabulary.table()
    now = vocabulary.read(decision.label, table)
    if now.status in {"mapped", "unknown"}:
        found = f"{decision.label!r}, which is {_code_of(now)} already ({now.rule})"
        raise refused(decision, found, "a label without a code", "mend the row it has, if that is wrong")
    try:
        then = vocabulary.read(decision.label, table.with_row(decision.row))
    except reference.ReferenceTableError as error:
        raise refused(
            decision, str(error), "one code for one label", "mend the row it has, if that is wrong"
        ) from error
    if _code_of(then) != _written_code(decision) or then.status == "conflict":
        found = f"{decision.label!r}, which would be {_code_of(then)} ({then.rule})"
        raise refused(decision, found, decision.code, "mend the label or the code")


def refused(decision: Decision, found: str, expected: str, remedy: str) -> Refused:
    """Return why a decision is not taken: what was found of it and expected, and what to do."""
    return Refused(Problem(decision.file, found, expected, remedy))


def _code_of(reading: AnyReading) -> str:
    if isinstance(reading, PlatformReading):
        return "|".join(reading.codes)
    return str(getattr(reading, "code", None) or _age_of(reading))


def _age_of(reading: Any) -> str:
    if reading.age_min is None:
        return str(reading.band)
    if reading.age_max is None:
        return f"{reading.age_min}+"
    return f"{reading.age_min}-{reading.age_max}" if reading.age_max > reading.age_min else str(reading.age_min)


def _written_code(decision: Decision) -> str:
    if decision.vocabulary == "platforms":
        return "|".join(dict.fromkeys(decision.code.split("|")))
    return decision.code


def with_line(text: str, decision: Decision) -> tuple[str, str]:
    """Return a table's text with the row of a decision in its place, and the line that was added.

    The other lines stay byte for byte; the new one has their quoting and line end. Raises Refused where the table is
    not in order, or has a row over several lines: then there is no place for one.
    """
    end = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    lines = text.removesuffix(end).split(end)
    rows = list(csv.reader(lines, strict=True))
    if len(rows) != len(lines) or rows[1:] != sorted(rows[1:]):
        raise refused(decision, "rows not in order, or over several lines", "one sorted line a row", "sort the table")
    row = decision.row
    values = {"label": row.label, "code": row.code, "source": row.source, "decided": row.decided, "note": row.note}
    fields = [{**row.more, **values}[column] for column in rows[0]]
    always = all(field.startswith('"') for field in lines[0].split(","))
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="", quoting=csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL).writerow(fields)
    line = buffer.getvalue()
    lines.insert(bisect_left(rows, fields, lo=1), line)
    return end.join(lines) + end, line


def write(places: Places, decision: Decision) -> tuple[Path, str]:
    """Write the row of a decision into its table and return the file and the line.

    No refresh of this warehouse may be at work meanwhile (Busy): it would build by half-changed tables. Raises Refused
    where the file cannot be written.
    """
    with refresh_lock(places.lock):
        source, target = reference.table_path(decision.file), reference.path_to_write(decision.file)
        changed, line = with_line(table_text(source), decision)
        try:
            with written(target, mode=source.stat().st_mode & 0o777) as temporary:
                temporary.write_text(changed, "utf-8", newline="")
        except OSError as error:
            found = f"{target}, which cannot be written ({error.strerror})"
            remedy = f"name a folder of your own in {reference.VARIABLE}"
            raise refused(decision, found, "a file to write to", remedy) from error
    return target, line


def table_text(path: Path) -> str:
    """Return the text of a table, its line ends as they are."""
    return path.read_bytes().decode("utf-8")


def vocabulary_of(code: str) -> str:
    """Return the one vocabulary that has a code; raises Refused where none has it, or several."""
    having = [name for name, vocabulary in _ACCEPTING.items() if vocabulary.has(code)]
    if len(having) != 1:
        found = f"the code {code!r} in {', '.join(having) or 'no vocabulary'}"
        raise Refused(Problem("CODE", found, f"a code of one of {', '.join(ACCEPTING)}", "say --vocabulary"))
    return having[0]
