"""The columns of every layer, declared once: what each says, its unit, and the columns it is made from.

Plain data without Pandera, so that a verb that only reads can tell lineage. The models of schemas/ are made from these
declarations, and pipeline/lineage/columns.py walks them. What depends on a figure table's dimensions or parents stands
in pipeline/figures/sources.py.

A source is `asset.column`; without a dot it is a column of the same row. `received_extract` is the file, by the part
that its manifest gives each column; `disclosure` is the manifest, by its keys. Codes are also made by the reference
tables, which are no columns: the code version of an asset covers them.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """A column: what it says, its unit in words ("text", "code", "count", ...) and the columns it is made from."""

    description: str
    unit: str
    sources: tuple[str, ...] = field(default=())


EXTRACT: dict[str, Column] = {
    "line": Column("where a record stands in the file", "line number"),
    "period": Column("the column declared as period", "text"),
    "offence": Column("the column declared as offence", "text"),
    "outcome": Column("the column declared as outcome", "text"),
    "platform": Column("the column declared as platform", "text"),
    "age": Column("the column declared as age", "text"),
    "mentions": Column("the free text in which platforms are looked for by their names", "text"),
    "reference": Column("the column declared as reference", "text"),
    "count": Column("the columns of counts; several in a wide table", "text"),
    "other": Column("the columns declared as other:<name>", "text"),
}
"""The columns of an extract, by the part that the manifest gives them."""

DISCLOSURE: dict[str, Column] = {
    "force": Column("force", "slug"),
    "reference": Column("reference of the answer", "text"),
    "supersedes": Column("the earlier answer it replaces or corrects", "slug"),
    "responded": Column("the day the force answered", "date"),
    "holding": Column("what we hold of the answer", "code"),
    "answers": Column("what was decided on each question", "list"),
    "caveats": Column("limitations that follow the figures", "list"),
    "table": Column("id of the table", "slug"),
    "question": Column("the question that the table answers", "slug"),
    "layout": Column("records or counts", "code"),
    "columns": Column("which printed column plays which part", "mapping"),
    "wide": Column("the columns side by side, and the dimension that they are values of", "list"),
    "constants": Column("dimensions said for the whole extract", "mapping"),
    "search": Column("how the force found what it counted", "mapping"),
    "unit": Column("what one count is one of; of records, what one record is", "unit"),
    "date_basis": Column("which date puts a count in its period", "code"),
    "covers": Column("the whole period of the table and its kind of year", "mapping"),
    "period_labels": Column("true ends of periods that their labels do not say", "mapping"),
    "markers": Column("what printed texts mean", "mapping"),
    "blank": Column("what an empty cell means", "code"),
    "uncertain": Column("dimensions whose column cannot be proved", "list"),
    "complete": Column("whether we hold the whole table, and its known total", "code"),
    "breaks": Column("changes in recording", "list"),
    "evidence": Column("where the extract came from", "code"),
    "file": Column("name of the file, and which part of it", "text"),
}
"""The keys of a manifest that decide a value, by the names they have in it."""

SOURCE_RECORD: dict[str, Column] = {
    "record_no": Column("number of the record within its extract, from 1", "number", ("received_extract.line",)),
    "line_no": Column("physical line on which the record starts", "line number", ("received_extract.line",)),
    "lines": Column("physical lines that the record takes", "lines", ("received_extract.line",)),
    "period": Column("period as printed", "text", ("received_extract.period", "disclosure.columns")),
    "offence": Column("offence as printed", "text", ("received_extract.offence", "disclosure.columns")),
    "outcome": Column("outcome or status as printed", "text", ("received_extract.outcome", "disclosure.columns")),
    "platform": Column("platform cell as printed", "text", ("received_extract.platform", "disclosure.columns")),
    "age": Column("age of the victim as printed", "text", ("received_extract.age", "disclosure.columns")),
    "mentions": Column(
        "free text as printed, in which platforms are looked for",
        "text",
        ("received_extract.mentions", "disclosure.columns"),
    ),
    "reference": Column(
        "crime reference as printed; not a key", "text", ("received_extract.reference", "disclosure.columns")
    ),
    "count": Column(
        "count as printed; in a wide table one of several", "text", ("received_extract.count", "disclosure.columns")
    ),
    "other": Column(
        "other dimensions as printed, one column each", "text", ("received_extract.other", "disclosure.columns")
    ),
}
"""One record of an extract under its canonical column names, all text."""

_CELL = ("source_records.count", "disclosure.markers", "disclosure.blank")
_SAID = ("disclosure.constants", "disclosure.wide")
_LABELS = tuple(f"source_records.{name}" for name in ("period", "offence", "outcome", "platform", "age", "other"))
_TOTAL = (*_LABELS, "disclosure.markers")
"""A label that is declared to mark a total makes one of its whole row, which then has no codes."""

OBSERVATION: dict[str, Column] = {
    "extract_id": Column(
        "extract it was read from", "id", ("disclosure.force", "disclosure.reference", "disclosure.file")
    ),
    "disclosure": Column("disclosure, as force/reference", "slug", ("disclosure.force", "disclosure.reference")),
    "table_id": Column("table of the disclosure", "slug", ("disclosure.table",)),
    "layout": Column("records or counts", "code", ("disclosure.layout",)),
    "unit": Column("what one count is one of", "unit", ("disclosure.unit",)),
    "date_basis": Column("which date puts it in its period", "code", ("disclosure.date_basis",)),
    "synthetic": Column("true where the extract is made up", "flag", ("disclosure.evidence",)),
    "record_no": Column("number of its source record", "number", ("source_records.record_no",)),
    "line_no": Column("physical line its record starts on", "line number", ("source_records.line_no",)),
    "lines": Column("physical lines its record takes", "lines", ("source_records.lines",)),
    "source_column": Column(
        "position of its cell; none in records", "position", ("disclosure.columns", "disclosure.wide")
    ),
    "part_no": Column(
        "which count of a cell that holds several", "number", ("source_records.count", "disclosure.markers")
    ),
    "kind": Column("data, total (a control) or unknown", "code", (*_CELL, *_TOTAL)),
    "printed": Column("the cell as printed", "text", ("source_records.count",)),
    "count_rule": Column("what decided the count", "code", ("source_records.count", "disclosure.markers")),
    "count_min": Column("lower bound", "count", _CELL),
    "count_max": Column("upper bound; none = open", "count", _CELL),
    "period_label": Column("period as printed", "text", ("source_records.period", *_SAID)),
    "offence_label": Column("offence as printed", "text", ("source_records.offence", *_SAID)),
    "outcome_label": Column("outcome as printed", "text", ("source_records.outcome", *_SAID)),
    "platform_label": Column(
        "platform cell as printed",
        "text",
        ("source_records.platform", "source_records.mentions", *_SAID, "disclosure.search"),
    ),
    "age_label": Column("age as printed", "text", ("source_records.age", *_SAID)),
    "period": Column(
        "start/end, half-open", "period", ("period_label", *_TOTAL, "disclosure.covers", "disclosure.period_labels")
    ),
    "period_start": Column("first day", "date", ("period",)),
    "period_end": Column("first day after", "date", ("period",)),
    "period_basis": Column(
        "kind of period", "code", ("period_label", *_TOTAL, "disclosure.covers", "disclosure.period_labels")
    ),
    "offence": Column("offence code", "code", ("offence_label", *_TOTAL)),
    "offence_level": Column("level of the code", "level", ("offence_label", *_TOTAL)),
    "presumed_class": Column(
        "class presumed of an ambiguous label; no class figure uses it", "code", ("offence_label", *_TOTAL)
    ),
    "outcome": Column("outcome code", "code", ("outcome_label", *_TOTAL)),
    "outcome_level": Column("level of the code", "level", ("outcome_label", *_TOTAL)),
    "arrest": Column("what the status says of an arrest", "code", ("outcome_label", *_TOTAL)),
    "platforms": Column("platform codes, each once", "list of codes", ("platform_label", *_TOTAL)),
    "age_min": Column("youngest", "years", ("age_label", *_TOTAL)),
    "age_max": Column("oldest; none = open", "years", ("age_label", *_TOTAL)),
    "age_kind": Column("how the age was given", "code", ("age_label", *_TOTAL)),
    "age": Column("age band", "code", ("age_label", *_TOTAL)),
    "other": Column("other dimensions as printed", "text", ("source_records.other", "disclosure.constants")),
    "reference": Column("crime reference; not a key", "text", ("source_records.reference",)),
    "platform_spans": Column(
        "where the label stands in a free text: start-end of each part, from 0",
        "list of places",
        ("source_records.mentions",),
    ),
    "dimensions": Column(
        "its dimensions, sorted",
        "list of names",
        ("disclosure.columns", "disclosure.constants", "disclosure.wide", "disclosure.search", "period_basis"),
    ),
    "constants": Column(
        "those the whole extract shares", "list of names", ("disclosure.constants", "disclosure.search")
    ),
    "uncertain": Column("those whose column cannot be proved", "list of names", ("disclosure.uncertain",)),
}
"""One count: a record of a records extract, or one part of one cell of a counts extract."""

FIGURE: dict[str, Column] = {
    "id": Column("the figure's own name", "id"),
    "force": Column("force, or `several`", "slug", ("disclosure.force",)),
    "disclosure": Column("disclosure, as force/reference", "slug", ("observations.disclosure",)),
    "table_id": Column("table of the disclosure", "slug", ("observations.table_id",)),
    "unit": Column("what one count is one of", "unit", ("observations.unit",)),
    "date_basis": Column("which date puts a count in its period", "code", ("observations.date_basis",)),
    "year_basis": Column("kind of year or period", "code", ("observations.period", "observations.period_basis")),
    "period_start": Column("first day", "date", ("observations.period",)),
    "period_end": Column("first day after", "date", ("observations.period",)),
    "part": Column(
        "true where not the whole period is covered",
        "flag",
        ("observations.period", "observations.period_basis", "disclosure.covers"),
    ),
    "value": Column(
        "the figure; none where it is not exact or may not be given", "count or percent", ("value_min", "value_max")
    ),
    "value_min": Column("lower bound", "count or percent", ("observations.count_min",)),
    "value_max": Column("upper bound; none = open", "count or percent", ("observations.count_max",)),
    "n": Column("distinct source records behind it", "records"),
    "reason": Column("why there is no value, or `zero by absence`", "text", ("value_min", "value_max", "n")),
    "complete": Column(
        "yes, or how much of the table was seen",
        "text",
        ("disclosure.complete", "observations.count_min", "observations.kind", "observations.part_no"),
    ),
    "evidence": Column("where the extract came from", "code", ("disclosure.evidence",)),
    "synthetic": Column("true where the extract is made up", "flag", ("observations.synthetic",)),
    "superseded_by": Column("the later answer that replaces this one", "slug", ("disclosure.supersedes",)),
    "caveats": Column(
        "what limits the figure: ids of the table `caveat`",
        "list of ids",
        ("disclosure.force", "disclosure.reference", "disclosure.table", "disclosure.search", "disclosure.caveats"),
    ),
}
"""What every figure carries; the sources are those of a counted figure, before its dimensions."""

OF_FIGURES: dict[str, Column] = {
    "platform": Column("platform code, a dimension", "code"),
    "offence": Column("offence code, a dimension", "code"),
    "outcome": Column("outcome code, a dimension", "code"),
    "age": Column("age band, a dimension", "code"),
    "month": Column("month, a dimension", "period"),
    "year": Column("year, a dimension", "period"),
    "observations": Column("observations in the cell", "count"),
    "numerator": Column("what the percentage is of", "count"),
    "denominator": Column("what the percentage is over", "count"),
    "type_1_only": Column("crimes with outcome 1, without 1A", "count"),
    "not_yet_assigned": Column("crimes that have no outcome yet", "count"),
    "no_outcome_printed": Column("crimes for which no outcome is printed", "count"),
    "not_notifiable": Column("crimes left out: offences that are not notifiable", "count"),
    "cancelled": Column("crimes left out: cancelled records", "count"),
    "fraud": Column("crimes left out: fraud passed on (outcome 19)", "count"),
    "question": Column("the question asked of several forces", "slug"),
    "forces": Column("the answer taken of each force", "list of text"),
    "absent": Column("who was asked and is not in the figure, and why", "list of text"),
    "decision": Column("what the force decided on the question", "code"),
    "holding": Column("what we hold of the answer", "code"),
    "exemptions": Column("the exemptions relied on, as printed", "list of text"),
    "of_table": Column("the figure table that it is derived from", "name"),
    "parents": Column("the figures that it is made of", "list of ids"),
    **{
        name: OBSERVATION[name]
        for name in (
            *("period_label", "offence_label", "outcome_label", "platform_label", "age_label", "other", "printed"),
            *("extract_id", "record_no", "line_no", "source_column", "part_no"),
        )
    },
    "kind": Column("data, or control for a printed total", "code", _TOTAL),
}
"""Columns that some figure tables have besides; the catalogue says which, and what they are made from there."""
