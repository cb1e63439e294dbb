"""The disclosure manifest (`disclosure.yaml`): what one answer of one force says, and how its files are read.

Here: the model, its rules, the resolved `Extract` that every later stage takes.
Not here: reading the extract files (reader.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from pipeline.intake import yaml_places
from pipeline.intake.areas import area_of
from pipeline.intake.problem import Problem, Refused
from pipeline.store.naming import slug

MANIFEST_NAME = "disclosure.yaml"

Decision = Literal["full", "partial", "refused", "not_held", "neither_confirm_nor_deny", "unanswered", "unknown"]
Evidence = Literal["received", "transcribed", "third_party_copy", "press_compiled", "synthetic"]
Unit = Literal[
    "crimes",
    "mentions",
    "arrests",
    "crimes_with_arrest",
    "charges",
    "incidents",
    "investigations",
    "reports",
    "victims",
    "persons",
    "custody_records",
    "search_hits",
    "records",
]
RecordIs = Literal["crime", "crime_x_victim", "crime_x_platform", "crime_x_suspect", "unknown"]
DateBasis = Literal["committed", "recorded", "arrested", "outcome", "custody", "unstated"]
PeriodBasis = Literal["calendar", "financial", "tax", "month", "range"]
Dimension = Literal["period", "offence", "outcome", "platform", "age"]
DIMENSIONS: tuple[Dimension, ...] = ("period", "offence", "outcome", "platform", "age")
OTHER = "other:"
MENTIONS = "mentions"
"""The canonical name of a free-text column of records in which platforms are looked for by their names."""
NO_DIMENSION = frozenset({"count", "reference", MENTIONS})
"""Canonical names of columns that are no dimension themselves."""
TOTAL_WORDS = ("total", "grand total", "sum")
"""What rows and columns of totals are called; one that is not declared as a total refuses its extract."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Sha256 = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-f]{64}$")]
ColumnRef = Annotated[int, Field(ge=1)] | str
"""A column: its 1-based position, or its header as printed. A header that is a number is written in quotes."""


class Part(BaseModel):
    """Base of every part of the manifest: unknown keys are errors, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


def _as_day(value: Any) -> Any:
    """Refuse numbers where a day is expected: pydantic would read them as seconds since 1970."""
    if isinstance(value, int | float):
        raise ValueError(f"{value!r} is no date; write it as 2024-01-31")
    return value


def _in_range(value: date) -> date:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"the year {value.year} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return value


FIRST_YEAR, LAST_YEAR = 1800, 2999
Day = Annotated[date, BeforeValidator(_as_day), AfterValidator(_in_range)]
"""A day, written as 2024-01-31."""


class Span(Part):
    """A period with its true ends, both inclusive."""

    start: Day
    end: Day

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"the period ends ({self.end}) before it starts ({self.start})")
        return self

    @property
    def end_exclusive(self) -> date:
        """The first day after the period."""
        return self.end + timedelta(days=1)


class Covers(Span):
    """The whole period that a table covers and the kind of year it is printed by.

    Without it years that are added up from the records of a table are part years, and stand in no rate or change.
    """

    basis: PeriodBasis = Field(description="the kind of year or period that the table is printed by")
    said_at: str | None = Field(None, description="where it was said")


class Answer(Part):
    """What was decided on one question of the request."""

    question: Slug = Field(description="a slug, common to every force that was asked the same")
    decision: Decision
    exemptions: list[str] = []
    withheld: str | None = Field(None, description="what was not given, in words")


class Caveat(Part):
    """A limitation that follows every figure of the disclosure."""

    id: Slug
    text: str
    tables: list[Slug] | None = Field(None, description="the tables it holds for; null = all")


class Rights(Part):
    """What may be done with the bytes."""

    holder: str | None = None
    statement_at: str | None = None
    licence: str = "unstated"
    bytes_may_leave: Literal["yes", "no"] = "no"


class Letter(Part):
    """The letter, where we know it: a digest and a place, never its text."""

    sha256: Sha256 | None = None
    at: str = Field(description="where the letter can be seen")
    held: Literal["yes", "no"] = "no"


class Constant(Part):
    """A value that the whole extract shares and that its lines do not say."""

    value: str
    start: Day | None = Field(None, description="for a period: its first day")
    end: Day | None = Field(None, description="for a period: its last day")
    said_at: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str | int) else data

    @model_validator(mode="after")
    def _both_ends(self) -> Constant:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end go together")
        return self


class WideColumn(Part):
    """One column of a wide table: the label it stands for."""

    label: str = Field(description="the header as printed")
    at: Annotated[int, Field(ge=1)] | None = Field(None, description="its 1-based position")
    period: Span | None = Field(None, description="the true ends, where the label does not say them")


class Wide(Part):
    """A wide table: the columns of one dimension stand side by side."""

    dimension: str = Field(description="period, offence, outcome, platform, age or other:<name>")
    columns: Annotated[list[WideColumn], Field(min_length=1)]


class NumberPart(Part):
    """One of several counts in one cell."""

    value: int = Field(ge=0)
    population: str | None = Field(None, description="what this part counts, where it is not the table's")


class Marker(Part):
    """What a printed text means where a count or a row label is expected."""

    kind: Literal["zero", "suppressed", "not_held", "total", "number"]
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = Field(None, description="null = open")
    value: Annotated[int, Field(ge=0)] | None = None
    parts: Annotated[list[NumberPart], Field(min_length=1)] | None = Field(
        None, description="several counts in one cell; only the first is the table's own population"
    )
    said_at: str | None = None

    @model_validator(mode="after")
    def _one_meaning(self) -> Marker:
        given = [n for n in ("value", "parts") if getattr(self, n) is not None]
        interval = self.min is not None or self.max is not None
        if self.kind == "number":
            if len(given) + interval != 1:
                raise ValueError("a number says exactly one of value, parts, or min and max")
            if interval and self.min is None:
                raise ValueError("an interval needs min (max may be null = open)")
        elif given or (interval and self.kind != "suppressed"):
            raise ValueError(f"a marker of kind {self.kind} has no {', '.join(given) or 'min or max'}")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        return self


class Term(Part):
    """One spelling that was searched for."""

    text: str
    platform: str | None = Field(None, description="the platform label it stands for")


class Search(Part):
    """How the force found what it counted."""

    scope: str | None = None
    field: str | None = None
    method: str | None = None
    terms: list[Term] = []
    combine: Literal["each", "any_of"] = "any_of"


class Transcription(Part):
    """How the file came to be, where the force's own file is not held."""

    from_url: str | None = None
    accessed: Day | None = None
    method: str
    doubts: str | None = None


class Between(Part):
    """A date known only to lie between two."""

    after: Day
    before: date


class Break(Part):
    """A change in recording that makes the years on both sides incomparable."""

    date: Day
    text: str


class KnownTotal(Part):
    """What the whole table adds up to, where we hold a part."""

    value: int = Field(ge=0)
    said_at: str | None = None


class Control(Part):
    """Another table that should say the same."""

    table: Slug
    over: list[str] = Field([], description="dimensions by which both are compared; none = grand totals")


class Clearance(Part):
    """Something that holds an extract, which a person has looked at and lets through."""

    kind: str = Field(description="what was found, by the name under which it was reported")
    by: str = Field(description="who looked at it")
    on: Day = Field(description="the day on which it was looked at")
    why: str = Field(description="why it may be read all the same")


class Terms(Part):
    """How an extract is to be read and understood.

    Each term may be said for one extract, or once for the table when all its extracts share it.
    """

    layout: Literal["records", "counts"] | None = None
    columns: dict[str, ColumnRef] | None = Field(
        None,
        description="canonical name (period, offence, outcome, platform, age, count, reference, mentions, "
        "other:<name>) -> header as printed, or position; mentions is a free text of records: the platforms that it "
        "names are found by their names, and are the dimension platform",
    )
    wide: Wide | None = None
    total_columns: list[ColumnRef] | None = None
    ignored: list[ColumnRef] | None = Field(None, description="columns that are not read")
    constants: dict[str, Constant] | None = None
    period_labels: dict[str, Span] | None = Field(None, description="true ends of period labels that do not say them")
    uncertain: list[str] | None = Field(None, description="dimensions whose column cannot be proved")
    header_line: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="physical line; in a sheet, and in a table of a PDF, its row; 0 = none; "
        "of cells or of a letter's table not said = their first row",
    )
    encoding: Literal["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252"] | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    evidence: Evidence | None = None
    transcription: Transcription | None = None
    complete: Literal["yes", "cut", "sample"] | None = None
    known_total: KnownTotal | None = None
    unit: Unit | None = None
    record_is: RecordIs | None = None
    date_basis: DateBasis | None = None
    covers: Covers | None = None
    as_at: Day | Between | None = None
    breaks: list[Break] | None = None
    search: Search | None = None
    markers: dict[str, Marker] | None = None
    blank: Literal["zero", "unknown"] | None = Field(None, description="what an empty cell means")
    sensitivity: Literal["aggregate", "record", "record_personal"] | None = None
    cleared: list[Clearance] | None = Field(
        None, description="kinds of personal data or hidden content that a person has looked at and lets through"
    )
    said_at: dict[str, str] | None = Field(None, description="term -> where it was said")


class Quote(Part):
    """A count inside a sentence of a letter: a table of one cell."""

    text: str = Field(description="the words around the count, as they stand there, with no other number")
    line: Annotated[int, Field(ge=1)] = Field(description="its line, in a PDF that of the page")
    page: Annotated[int, Field(ge=1)] | None = Field(None, description="its page, in a PDF")


class ExtractEntry(Terms):
    """One file, or the part of it that holds (part of) the table."""

    file: str
    sha256: Sha256
    range: Annotated[str, Field(pattern=r"^[1-9][0-9]*-[1-9][0-9]*$")] | None = Field(
        None, description="first-last physical line, both inclusive"
    )
    sheet: Annotated[str, Field(min_length=1)] | None = Field(None, description="the sheet of a workbook, by its name")
    cells: Annotated[str, Field(pattern=r"^[A-Z]{1,3}[1-9][0-9]*:[A-Z]{1,3}[1-9][0-9]*$")] | None = Field(
        None, description="the cells of the sheet that hold the table, such as B3:F20; else all that are in use"
    )

    letter_table: Annotated[int, Field(ge=1)] | None = Field(
        None, description="the number of the table in a letter that is text, Markdown, HTML or PDF, from 1"
    )
    quote: Quote | None = Field(None, description="a count in a sentence of a letter; its one column is 1")

    @field_validator("file")
    @classmethod
    def _beside(cls, value: str) -> str:
        if "/" in value or "\\" in value or value in {"", ".", ".."} or value.startswith("."):
            raise ValueError(f"{value!r} is not the name of a file beside the manifest")
        slug(Path(value).stem)  # raises where the name has no letter or digit to make an id of
        return value

    @field_validator("cells")
    @classmethod
    def _are_an_area(cls, value: str | None) -> str | None:
        try:
            return value and str(area_of(value))
        except ValueError as error:
            raise ValueError("cells of a sheet from top left to bottom right, such as B3:F20") from error

    @model_validator(mode="after")
    def _one_address(self) -> ExtractEntry:
        given = [n for n in ("range", "sheet", "letter_table", "quote") if getattr(self, n) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)}: an extract has one address")
        if self.cells is not None and self.sheet is None:
            raise ValueError("cells are of a sheet: say which")
        slug(self.sheet or "a")  # raises where the name has no letter or digit to make an id of
        return self

    @property
    def is_lines(self) -> bool:
        """True where the extract is lines of delimited text."""
        return self.address is None

    @property
    def address(self) -> dict[str, Any] | None:
        """Where the cells of an extract are that is not lines, as plain JSON: see cells.py."""
        if self.sheet is not None:
            return {"sheet": self.sheet, "cells": self.cells}
        if self.letter_table is not None:
            return {"letter_table": self.letter_table}
        if self.quote is not None:
            return {"quote": self.quote.text, "line": self.quote.line, "page": self.quote.page}
        return None

    @property
    def part(self) -> str:
        """The part of the file that the extract is, as the end of its id: empty for a whole file."""
        if self.sheet is not None:
            return f"#{slug(self.sheet)}" + (f".{self.cells.lower().replace(':', '-')}" if self.cells else "")
        if self.letter_table is not None:
            return f"#table-{self.letter_table}"
        if self.quote is not None:
            page = f"page-{self.quote.page}-" if self.quote.page else ""
            return f"#{page}line-{self.quote.line}.{slug(self.quote.text)[:40].strip('-')}"
        return f"#{self.range}" if self.range else ""


class Table(Terms):
    """One printed table of the disclosure, with its own population."""

    id: Slug
    population: str | None = Field(None, description="what it counts, in words")
    question: Slug | None = None
    agrees_with: list[Control] = []
    extracts: Annotated[list[ExtractEntry], Field(min_length=1)]


class Disclosure(Part):
    """One answer of one force."""

    force: Slug = Field(description="a slug of reference/forces.csv")
    reference: str | None = Field(description="as printed; null = none printed")
    our_reference: Slug | None = Field(None, description="the name we gave it, where none is printed")
    title: str | None = None
    received: Day | None = None
    responded: Day | None = None
    published: Day | None = Field(None, description="the date on the page that shows it")
    source_url: str | None = None
    letter: Letter | None = None
    decision: Decision
    holding: Literal["all", "part", "none"] = Field("all", description="what we have of it")
    missing: str | None = Field(None, description="what we do not have, in words")
    answers: list[Answer] = []
    caveats: list[Caveat] = []
    supersedes: str | None = Field(None, description="the earlier answer that this one replaces: reference or folder")
    corrects: str | None = Field(None, description="the answer that this one corrects: reference or folder")
    rights: Rights = Rights()
    tables: list[Table] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> Disclosure:
        if self.reference is None and self.our_reference is None:
            raise ValueError("a disclosure without a printed reference needs our_reference")
        if self.our_reference is None:
            slug(self.reference or "")  # raises where nothing is left to make a name of
        for what, ids in (
            ("table", [t.id for t in self.tables]),
            ("caveat", [c.id for c in self.caveats]),
            ("question", [a.question for a in self.answers]),
        ):
            if twice := sorted({i for i in ids if ids.count(i) > 1}):
                raise ValueError(f"{what} {', '.join(twice)} stands there twice")
        tables = {t.id for t in self.tables}
        questions = {a.question for a in self.answers}
        for table in self.tables:
            if table.question is not None and table.question not in questions:
                raise ValueError(f"table {table.id} answers {table.question}, which is not among the answers")
            for control in table.agrees_with:
                if control.table not in tables - {table.id}:
                    raise ValueError(f"table {table.id} agrees_with {control.table}, which is no other table")
        for caveat in self.caveats:
            if unknown := sorted(set(caveat.tables or ()) - tables):
                raise ValueError(f"caveat {caveat.id} names {', '.join(unknown)}, which is no table here")
        if self.holding == "none" and self.tables:
            raise ValueError("holding: none, but there are tables")
        if self.holding == "all" and not self.tables and self.decision in {"full", "partial"}:
            raise ValueError("holding: all of a disclosure that gave something, but there is no table")
        return self

    @property
    def name(self) -> str:
        """`<force>/<reference>`, both as slugs: the folder below raw/ and the stem of every id."""
        return f"{self.force}/{self.our_reference or slug(self.reference or '')}"


@dataclass(frozen=True)
class Extract:
    """One extract with everything its manifest says of it, each term resolved.

    `path` is where its file lies. Two extracts are equal when they say the same of the same bytes.
    """

    disclosure: Disclosure
    table: Table
    entry: ExtractEntry
    terms: Terms
    path: Path

    @cached_property
    def extract_id(self) -> str:
        """`<force>/<reference>/<file stem>[#range]`."""
        stem = slug(Path(self.entry.file).stem)
        return f"{self.disclosure.name}/{stem}{self.entry.part}"

    @property
    def table_key(self) -> str:
        """`<force>/<reference>/<table id>`: the scope within which counts may be added."""
        return f"{self.disclosure.name}/{self.table.id}"

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, as the manifest says it."""
        return self.entry.sha256

    @property
    def synthetic(self) -> bool:
        """True where the extract was made up for testing."""
        return self.terms.evidence == "synthetic"

    @property
    def unit(self) -> str:
        """The unit of one count: as declared, and for records what one record is."""
        if self.terms.layout == "records":
            return "crimes" if self.terms.record_is == "crime" else "records"
        return str(self.terms.unit)

    @property
    def header_line(self) -> int:
        """Physical line of the header, 0 where there is none; the first row at or below it is the header.

        Where a table of a letter stands is not known from the manifest: not said, its first row is below line 1.
        """
        if self.terms.header_line is not None:
            return self.terms.header_line
        if self.entry.quote is not None:
            return 0
        if self.entry.cells is not None:
            return area_of(self.entry.cells).top
        return self.line_range[0] if self.line_range else 1

    @property
    def line_range(self) -> tuple[int, int] | None:
        """First and last physical line of the part of the file that is the extract."""
        if self.entry.range is None:
            return None
        first, last = self.entry.range.split("-")
        return int(first), int(last)

    @property
    def searched_platforms(self) -> tuple[str, ...]:
        """The platform labels that were searched for, in the order of the terms, each once."""
        terms = self.terms.search.terms if self.terms.search else []
        return tuple(dict.fromkeys(t.platform for t in terms if t.platform is not None))

    @property
    def combined_platforms(self) -> tuple[str, ...] | None:
        """The platform labels that every count of the extract is for, or None where lines say it."""
        if self.terms.constants and "platform" in self.terms.constants:
            return (self.terms.constants["platform"].value,)
        if "platform" in self.dimensions_in_lines:
            return None
        return self.searched_platforms or None

    @property
    def platforms_in_text(self) -> bool:
        """True where the platforms are those that a free text of each line names."""
        return MENTIONS in (self.terms.columns or {})

    @property
    def dimensions_in_lines(self) -> tuple[str, ...]:
        """Dimensions that the lines themselves say, `other:<name>` included, sorted."""
        found = set(self.terms.columns or {}) - NO_DIMENSION
        if self.terms.wide:
            found.add(self.terms.wide.dimension)
        if self.platforms_in_text:
            found.add("platform")
        return tuple(sorted(found))

    @property
    def constant_dimensions(self) -> tuple[str, ...]:
        """Dimensions that are the same for the whole extract and are said elsewhere, sorted."""
        found = set(self.terms.constants or {})
        if self.combined_platforms is not None:
            found.add("platform")
        return tuple(sorted(found))

    def said(self) -> dict[str, Any]:
        """Everything that decides how the extract is read, as plain JSON: what its built files depend on."""
        return {
            "extract_id": self.extract_id,
            "table_key": self.table_key,
            "sha256": self.sha256,
            "range": self.entry.range,
            "address": self.entry.address,
            "terms": self.terms.model_dump(mode="json", exclude_none=True),
        }


def read_manifest(path: Path, force_names: Mapping[str, bool], shown_as: str | None = None) -> Disclosure:
    """Return the disclosure that `path` describes.

    `force_names` are the known force slugs, each with True where the force is made up; `shown_as` is the name
    under which problems speak of the file. Raises Refused with every problem found, each with its line.
    """
    file = shown_as or str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(
            Problem(
                file=file,
                line=path.read_bytes()[: error.start].count(b"\n") + 1,
                found=f"byte 0x{error.object[error.start]:02x}, which is not UTF-8",
                expected="a manifest in UTF-8",
                remedy="save the file as UTF-8",
            )
        ) from error
    document, places = yaml_places.load(text, file)
    if not isinstance(document, dict):
        raise Refused(
            Problem(
                file=file,
                line=1,
                found="no mapping of keys" if document is not None else "an empty manifest",
                expected="a mapping with force, reference and decision",
                remedy="see docs/manifest.md",
            )
        )
    try:
        disclosure = Disclosure.model_validate(document)
    except ValidationError as error:
        raise Refused(*_problems(error, places, file)) from error
    problems = [*_force_problems(disclosure, force_names, file, places)]
    if disclosure.force in force_names:  # else its folder cannot be told to be wrong
        problems += _folder_problems(disclosure, path, file, places)
    for index, table in enumerate(disclosure.tables):
        line = places.get(("tables", index), (None, None))[0]
        problems += [
            Problem(file, found, expected, remedy, line)
            for found, expected, remedy in _table_problems(disclosure, table, path.parent)
        ]
    if problems:
        raise Refused(*problems)
    return disclosure


def extracts_of(disclosure: Disclosure, folder: Path) -> list[Extract]:
    """Return the extracts of a disclosure in the order of its manifest, terms resolved."""
    return [
        Extract(disclosure, table, entry, _resolve(table, entry), folder / entry.file)
        for table in disclosure.tables
        for entry in table.extracts
    ]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the manifest."""
    return Disclosure.model_json_schema()


def said_digest_text(disclosure: Disclosure) -> str:
    """Return the manifest as canonical JSON: equal for manifests that say the same in other layouts."""
    return json.dumps(disclosure.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)


_PARTS = (
    Disclosure,
    Table,
    ExtractEntry,
    Answer,
    Caveat,
    Rights,
    Letter,
    Covers,
    Search,
    Term,
    Marker,
    Wide,
    WideColumn,
)
_KEYS = sorted({name for part in _PARTS for name in part.model_fields})

_TERM_DEFAULTS: dict[str, Any] = {
    "evidence": "received",
    "complete": "yes",
    "date_basis": "unstated",
    "delimiter": ",",
}


def _resolve(table: Table, entry: ExtractEntry) -> Terms:
    values = {}
    for name in Terms.model_fields:
        value = getattr(entry, name) if getattr(entry, name) is not None else getattr(table, name)
        values[name] = _TERM_DEFAULTS.get(name) if value is None else value
    if values["sensitivity"] is None:
        values["sensitivity"] = "record" if values["layout"] == "records" else "aggregate"
    return Terms.model_construct(**values)


def _force_problems(
    disclosure: Disclosure, force_names: Mapping[str, bool], file: str, places: Mapping[Any, tuple[int, int]]
) -> Iterator[Problem]:
    line = places.get(("force",), (1, 1))[0]
    if disclosure.force not in force_names:
        yield Problem(
            file=file,
            line=line,
            column="force",
            found=repr(disclosure.force),
            expected="a force of pipeline/normalisation/reference/forces.csv",
            remedy="mend the spelling or add the force there",
        )
        return
    made_up = force_names[disclosure.force]
    for table in disclosure.tables:
        for entry in table.extracts:
            if (_resolve(table, entry).evidence == "synthetic") != made_up:
                yield Problem(
                    file=file,
                    line=line,
                    column="force",
                    found=f"{'a made-up' if made_up else 'a real'} force with {entry.file} as evidence: "
                    f"{_resolve(table, entry).evidence}",
                    expected="synthetic extracts for made-up forces, and only for them",
                    remedy="mend force or evidence",
                )


def _folder_problems(
    disclosure: Disclosure, path: Path, file: str, places: Mapping[Any, tuple[int, int]]
) -> Iterator[Problem]:
    folder = path.resolve().parent
    if f"{folder.parent.name}/{folder.name}" != disclosure.name:
        yield Problem(
            file=file,
            line=places.get(("reference",), (1, 1))[0],
            column="reference",
            found=f"a folder named {folder.parent.name}/{folder.name}",
            expected=f"the folder {disclosure.name}, which is <force>/<reference> as slugs",
            remedy="rename the folder or mend force and reference",
        )


def _table_problems(disclosure: Disclosure, table: Table, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (found, expected, remedy) for what a table and its extracts leave open or contradict."""
    resolved = [e for e in extracts_of(disclosure, folder) if e.table is table]
    for extract in resolved:
        where = f"table {table.id}, {extract.entry.file}"
        terms = extract.terms
        yield from ((f"{where}: {found}", expected, remedy) for found, expected, remedy in _term_problems(terms))
        dimensions = set(extract.dimensions_in_lines)
        for name in terms.constants or {}:
            if name in dimensions:
                yield (
                    f"{where}: {name} both as a constant and in a column",
                    "one of the two",
                    "remove the constant",
                )
        known = dimensions | set(extract.constant_dimensions)
        first_last = extract.line_range
        if first_last and extract.header_line and not first_last[0] <= extract.header_line <= first_last[1]:
            yield (
                f"{where}: header_line {extract.header_line} outside of range {extract.entry.range}",
                "a header inside the range",
                "mend one of the two; header_line: 0 where the range has no header",
            )
        searched = extract.terms.search
        if (
            searched is not None
            and searched.combine == "each"
            and "platform" not in dimensions
            and len(extract.searched_platforms) > 1
        ):
            yield (
                f"{where}: counts found for each platform apart (combine: each), and no column says for which",
                "a platform column, or combine: any_of",
                "say which column holds the platform",
            )
        for name in terms.uncertain or ():
            if name not in known:
                yield f"{where}: uncertain {name}", "a dimension of the table", "mend the name"
    shared = ("layout", "unit", "record_is", "date_basis", "covers", "search", "evidence", "sensitivity")
    for name in shared:
        values = {json.dumps(e.terms.model_dump(mode="json", include={name}), sort_keys=True) for e in resolved}
        if len(values) > 1:
            yield (
                f"table {table.id}: extracts that differ in {name}",
                "one table counts one thing; its extracts are parts of it",
                f"say {name} once for the table, or make two tables of it",
            )
    ids = [e.extract_id for e in extracts_of(disclosure, folder)]
    for extract in resolved:
        if ids.count(extract.extract_id) > 1:
            yield (
                f"the extract id {extract.extract_id} more than once",
                "every extract with an id of its own",
                "rename a file or give each part its range",
            )
    for index, one in enumerate(resolved):
        for other in resolved[index + 1 :]:
            if one.entry.file == other.entry.file and _overlap(one, other):
                yield (
                    f"two ranges of {one.entry.file} that overlap",
                    "extracts of one table that are disjoint",
                    "mend the ranges",
                )


def _overlap(one: Extract, other: Extract) -> bool:
    """Return True where two extracts of one file share a line or a cell."""
    mine, theirs = one.entry, other.entry
    if (mine.sheet, mine.letter_table, mine.quote) != (theirs.sheet, theirs.letter_table, theirs.quote):
        return False
    if one.entry.cells and other.entry.cells:
        return area_of(one.entry.cells).meets(area_of(other.entry.cells))
    lines, others = one.line_range, other.line_range
    return lines is None or others is None or (lines[0] <= others[1] and others[0] <= lines[1])


def _term_problems(terms: Terms) -> Iterator[tuple[str, str, str]]:
    for name in ("layout", "columns"):
        if getattr(terms, name) is None:
            yield f"no {name}", f"{name} for every extract", f"say {name}"
    for name in [*(terms.columns or {}), *(terms.constants or {}), *(terms.uncertain or ())]:
        if name not in {*DIMENSIONS, *NO_DIMENSION} and not _is_other(name):
            yield (
                f"the name {name!r}",
                "period, offence, outcome, platform, age, count, reference, mentions or other:<name>",
                "mend the name",
            )
    if MENTIONS in (terms.columns or {}):
        yield from _mentions_problems(terms)
    for name in sorted(NO_DIMENSION):
        if name in (terms.constants or {}):
            yield f"{name} as a constant", "a constant dimension", f"remove {name} from constants"
    labels = [c.label for c in terms.wide.columns] if terms.wide else []
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        yield f"wide columns with the same label {', '.join(map(repr, twice))}", "each label once", "mend the labels"
    for label in labels:
        if label.strip().lower() in TOTAL_WORDS and terms.wide and terms.wide.dimension != "period":
            yield (
                f"a wide column {label!r}, which would be counted beside its parts",
                "totals under total_columns",
                "move it to total_columns",
            )
    if terms.wide and terms.wide.dimension not in DIMENSIONS and not _is_other(terms.wide.dimension):
        yield f"wide dimension {terms.wide.dimension!r}", "a dimension", "mend the name"
    if terms.wide and terms.wide.dimension in (terms.columns or {}):
        yield f"{terms.wide.dimension} both wide and in a column", "one of the two", "remove one"
    if terms.layout == "counts":
        if terms.unit is None:
            yield "counts without unit", "unit: what one count is one of", "say unit"
        if terms.blank is None:
            yield "counts without blank", "blank: zero or unknown", "say what an empty cell means"
        if terms.record_is is not None:
            yield "record_is in a counts layout", "unit", "remove record_is"
        if ("count" in (terms.columns or {})) == (terms.wide is not None):
            yield "both or neither of a count column and wide", "one of the two", "say where the counts stand"
        if "reference" in (terms.columns or {}):
            yield (
                "a reference column in a counts layout",
                "references in records only",
                "name it other:<name>",
            )
    if terms.layout == "records":
        if terms.record_is is None:
            yield "records without record_is", "record_is: what one record is", "say record_is"
        for name in ("unit", "wide", "blank", "total_columns"):
            if getattr(terms, name) is not None:
                yield f"{name} in a records layout", f"{name} in counts only", f"remove {name}"
        if "count" in (terms.columns or {}):
            yield "a count column in a records layout", "one record counts one", "use layout: counts"
    if terms.header_line == 0 and not (terms.columns or terms.wide):
        yield "no column at all", "at least one column", "say columns"
    if terms.header_line == 0:
        named = [str(c) for c in (terms.columns or {}).values() if isinstance(c, str)]
        if named:
            yield f"columns by name ({', '.join(named)}) without a header", "positions", "give positions"
    if terms.known_total and terms.complete == "yes":
        yield "known_total of a complete table", "known_total where complete is cut or sample", "remove one"
    if terms.evidence in {"transcribed", "third_party_copy"} and terms.transcription is None:
        yield (
            f"evidence: {terms.evidence} without transcription",
            "transcription {from_url, accessed, method, doubts}",
            "say how the file came to be",
        )


def _mentions_problems(terms: Terms) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a free text in which platforms are looked for."""
    if terms.layout != "records":
        yield "mentions in a counts layout", "a free text in records only", "list the column under ignored:"
    if "platform" in (terms.columns or {}):
        yield (
            "a platform column and platforms out of a free text (mentions)",
            "one of the two",
            "keep the platform column and list the free text under ignored:",
        )
    if "platform" in (terms.constants or {}):
        yield (
            "platform as a constant and platforms out of a free text (mentions)",
            "one of the two",
            "remove the constant, or list the free text under ignored:",
        )
    if terms.sensitivity != "record_personal":
        yield (
            "a free text (mentions) in an extract that is not said to be about persons",
            "sensitivity: record_personal, so that no text is shown or leaves",
            "say sensitivity: record_personal",
        )


def _is_other(name: str) -> bool:
    return name.startswith(OTHER) and bool(name[len(OTHER) :]) and slug(name[len(OTHER) :]) == name[len(OTHER) :]


_WANTED = {
    **dict.fromkeys(
        ("date_from_datetime_parsing", "date_parsing", "date_type", "date_from_datetime_inexact"),
        "a day that there is, written as 2024-01-31",
    ),
    "string_pattern_mismatch": "letters a to z and digits, parted by -; for sha256 the 64 digits that sha256sum prints",
}
"""What is wanted, in words, where the checking library speaks of patterns and parsing."""


def _problems(error: ValidationError, places: Mapping[Any, tuple[int, int]], file: str) -> list[Problem]:
    problems: dict[tuple[Any, ...], Problem] = {}
    for item in error.errors():
        location = tuple(p for p in item["loc"])
        known: Sequence[Any] = location
        while known and tuple(known) not in places:
            known = known[:-1]
        line, _ = places.get(tuple(known), (1, 1))
        key = ".".join(str(p + 1) if isinstance(p, int) else str(p) for p in known) or None
        unknown_key = item["type"] == "extra_forbidden"
        missing = item["type"] == "missing"
        found = (
            f"the unknown key {location[-1]!r}"
            if unknown_key
            else f"no {location[-1]}"
            if missing
            else repr(item["input"])
            if not isinstance(item["input"], dict | list)
            else "this part"
        )
        near = get_close_matches(str(location[-1]), _KEYS, 1) if unknown_key else []
        expected = (
            f"a key of docs/manifest.md{f', perhaps {near[0]}' if near else ''}"
            if unknown_key
            else f"{location[-1]}, which is required"
            if missing
            else _WANTED.get(item["type"], item["msg"].removeprefix("Value error, ").removeprefix("Input should be "))
        )
        remedy = (
            "mend the spelling or remove it"
            if unknown_key
            else f"add {location[-1]}"
            if missing
            else "mend it in the manifest, see docs/manifest.md"
        )
        problems.setdefault((line, key, found), Problem(file, found, expected, remedy, line, key))
    return list(problems.values())
