"""What the tables of a release and their columns say, in words, for those who meet them in a pack.

Figure tables are described by the catalogue and schemas/columns.py; here stands what only a release has.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.figures.catalogue import TABLES
from pipeline.publication.crate.facts import Column, column_type
from schemas.columns import FIGURE, OBSERVATION, OF_FIGURES

_OF_FIGURES = {name: said.description for name, said in (FIGURE | OF_FIGURES).items()}
_OF_OBSERVATIONS = {name: said.description for name, said in OBSERVATION.items()}
_SHARED = {
    "extract_id": "extract",
    "disclosure": "disclosure, as force/reference",
    "table_id": "table of the disclosure",
    "rule": "name of the rule",
    "record_no": "number of the record within its extract",
    "line_no": "physical line on which the record starts",
    "lines": "physical lines",
}

_TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "answer": (
        "What each force decided on each question",
        {
            "question": "the question, by one name in all disclosures that were asked it",
            "decision": "what was decided",
            "exemptions": "exemptions relied on, as printed",
            "withheld": "what was withheld",
        },
    ),
    "bucket": (
        "Which years and months each period belongs to",
        {
            "period": "period of observations, start/end, half-open; of records that may not leave the bucket's own",
            "kind": "year or month",
            "year_basis": "kind of year",
            "code": "the year or month as figures name it",
            "bucket_start": "its first day",
            "bucket_end": "the first day after it",
            "part": "true where the extract covers only part of it",
        },
    ),
    "caveat": ("Limitations that follow figures", {"caveat_id": "id that figures name", "text": "the limitation"}),
    "check_result": (
        "Checks of the release",
        {
            "name": "name of the check",
            "severity": "ERROR forbids a release, WARN is told",
            "passed": "whether it passed",
            "message": "what was found",
            "failed": "how many rows failed",
        },
    ),
    "codes": (
        "Codes and counts that figures are counted from, of an extract whose bytes are not here",
        _OF_OBSERVATIONS,
    ),
    "control": (
        "Printed totals against the sums of their parts",
        {
            "kind": "total of a column, of a row, or what else was compared",
            "place": "where it is printed",
            "stated": "the total as printed",
            "sum_min": "lower bound of the sum of its parts",
            "sum_max": "upper bound; none = open",
            "verdict": "agrees, disagrees, or why that cannot be said",
            "difference": "stated less sum, where both are exact",
        },
    ),
    "definition": (
        "What each figure table counts",
        {
            "name": "figure table",
            "title": "its title",
            "kind": "counted from observations, or derived from figures",
            "definition": "in words",
            "declaration": "as the catalogue declares it, JSON",
        },
    ),
    "disclosure": (
        "Answers of forces",
        {
            "force": "force",
            "reference": "reference as printed",
            "title": "title as printed",
            "received": "day it was received",
            "responded": "day the force answered",
            "published": "day the force published it",
            "source_url": "where it is published",
            "decision": "what was decided",
            "holding": "what we hold of it",
            "missing": "what is missing",
            "supersedes": "the earlier answer it replaces",
            "corrects": "the earlier answer it corrects",
            "bytes_may_leave": "whether its files may be handed on",
        },
    ),
    "extract": (
        "Parts of received files that hold tables",
        {
            "file": "file, within raw/",
            "sha256": "SHA-256 of the file",
            "encoding": "encoding of its text",
            "delimiter": "what parts its fields",
            "header_line": "line of the header; 0 = none",
            "header": "the header as printed",
            "records": "data records in it",
            "sensitivity": "counts only, records, or records about persons",
            "address": "which part of a sheet or letter, JSON",
        },
    ),
    "flagged": (
        "Values that stay in their record without a code",
        {"column_name": "column", "value": "the value; none where it may not leave"},
    ),
    "label": (
        "Labels as forces wrote them, and the code each was given",
        {
            "dimension": "what it is a label of",
            "label": "as printed",
            "code": "the code",
            "level": "level of the code",
            "status": "mapped, or why not",
            "rule": "how the code was found",
            "source": "where the reference row was seen",
            "n": "how often the label stands there; none of records that may not leave",
            "first_line": "the first line it stands on; none of records that may not leave",
        },
    ),
    "ledger": (
        "The account of all lines of each extract",
        {
            "counted": "lines that feed a figure",
            "uncounted": "lines that were read and feed none",
            "rejected": "lines that cannot be counted",
            "set_aside": "lines that are no data: header, blank, title, note or total",
            "balances": "whether these are all lines",
        },
    ),
    "ledger_cell": (
        "The account of all cells of tables of counts",
        {"cell_class": "counted, uncounted, unknown, total, label or ignored", "cells": "how many"},
    ),
    "ledger_rule": (
        "Lines of each class by the rule that put them there",
        {"line_class": "counted, uncounted, rejected or set aside"},
    ),
    "refused": (
        "Files and answers that were not accepted",
        {"name": "which", "reason": "why; none where that may quote a file"},
    ),
    "rejected": (
        "Records that cannot be counted",
        {
            "column_name": "column at fault",
            "value": "what was found; none where it may not leave",
            "expected": "what was expected",
            "fields": "the whole record; none where it may not leave",
        },
    ),
    "rows": (
        "Rows of an extract that is no text file, as they were read",
        {"lines": "rows that the record takes", "fields": "its cells as text"},
    ),
    "source_table": (
        "Tables as forces printed them",
        {
            "question": "the question it answers",
            "population": "what it counts, in words",
            "layout": "records or counts",
            "unit": "what one count is one of",
            "date_basis": "which date puts a count in its period",
            "covers_start": "first day it covers",
            "covers_end": "first day after",
            "evidence": "where the extract came from",
            "sensitivity": "counts only, records, or records about persons",
            "superseded_by": "the later answer that replaces it",
            "constants": "what is said of the whole table and where, JSON",
        },
    ),
}


def table_words(table: str) -> str:
    """Return what a table of a release is. Raises KeyError at a table that nothing here or in the catalogue says."""
    return TABLES[table].title if table in TABLES else _TABLES[table][0]


def columns_of(table: str, columns: Iterable[tuple[str, str]]) -> tuple[Column, ...]:
    """Return the columns of a table, given as names and DuckDB types, with what each is.

    Raises KeyError at a column that nothing here or in schemas/columns.py says: each must be told to who meets it.
    """
    said = _OF_FIGURES if table in TABLES else _SHARED | _TABLES[table][1]
    return tuple(Column(name, column_type(kind), said[name]) for name, kind in columns)
