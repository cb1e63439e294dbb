"""Why: from a line of a file to what became of it in the release in force.

The other way round of trace: which record the line is part of, the figures that record or its cells are in, or by what
rule it was rejected or set aside, or why no counted table covers it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import COUNTED, SCOPE, TABLES, DerivedTable
from pipeline.lineage.naming_lines import Asked, asked_of, extracts_asked
from pipeline.lineage.trace.finding import (
    NotFound,
    find_figures,
    marks,
    release_in_force,
    release_words,
    short,
    table_of,
)
from pipeline.lineage.trace.lines import ExtractLines
from pipeline.lineage.trace.members import ASKED, observe
from pipeline.store.duck import ask, kept_open, parquet
from pipeline.store.places import Places

_SHORT = "id, value, value_min, value_max, unit, n"
"""What `short` leaves of a figure."""

NEAR = 100
"""Lines above the one asked for in which its record is looked for first: hardly one takes more."""


def why(places: Places, place: str) -> dict[str, Any]:
    """Return what became of a line in the release in force: {asked, release, answers}, an answer for each extract.

    `place` is FILE:LINE, FILE a path, the file as a trace shows it, or an extract id; in a workbook SHEET!ROW or
    SHEET!CELL stands for LINE. An answer: extract_id, file, address, sha256, line_no (the first of the record), lines,
    text (as the file has it now, None where it has it no more), ingested_text, as_ingested, class (counted, uncounted,
    rejected, set_aside: as in the ledger), rule, words, record_no, cells [{column, header, cell, printed, class, rule,
    part_no, min, max, figures, printed_figure, why_not}], rejected [{rule, column_name, value, expected}], flagged
    [{rule, column_name, value}], labels, controls, and the figures that the line is in, each {id, value, value_min,
    value_max, unit, n}: `figures` those of counted tables, `printed` its cells as printed, `derived` those that stand
    on them. Raises NotFound.
    """
    release = release_in_force(places)
    with kept_open(release.path) as db:
        asked = asked_of(place)
        answers = [
            answer
            for extract in extracts_asked(db, places, asked)
            if (answer := _answer(db, ExtractLines(db, places, extract), asked)) is not None
        ]
        if not answers:
            raise NotFound(_no_such_line(db, places, asked))
        return {"asked": place, "release": release_words(db), "answers": answers}


def _no_such_line(db: duckdb.DuckDBPyConnection, places: Places, asked: Asked) -> str:
    held = [
        f"{extract['extract_id']} ({extract['lines']:,} line{'' if extract['lines'] == 1 else 's'})"
        for extract in extracts_asked(db, places, asked)
    ]
    return (
        f"no extract of {asked.file} has {asked.words}: found {', '.join(held)}; expected a line of one of them; "
        "a file that is an extract in parts has lines that are in none"
    )


def _answer(db: duckdb.DuckDBPyConnection, lines: ExtractLines, asked: Asked) -> dict[str, Any] | None:
    """Return what became of a line of an extract; None where the extract does not have it."""
    line_no = asked.row
    rejected = _covering(db, "from rejected where extract_id = ? and", [lines.extract["extract_id"]], line_no)
    if rejected:
        return _of_rejected(lines, rejected)
    if record := _covering(db, f"from {parquet(lines.stored('source'))} where", [], line_no):
        answer = _of_record(db, lines, record[0])
        if asked.column is not None:
            answer["cells"] = [cell for cell in answer["cells"] if cell["cell"] == asked.cell]
        return answer
    for item in lines.account["set_aside"]:
        if item["line_no"] <= line_no < item["line_no"] + item["lines"]:
            place = _place(lines, item["line_no"], item["lines"], str(item["text"]))
            return {**place, **_said("set_aside", item["rule"], _SET_ASIDE.get(item["rule"], ""))}
    return None


def _covering(db: duckdb.DuckDBPyConnection, query: str, values: list[str | int], line_no: int) -> list[dict[str, Any]]:
    """Return the rows whose record takes a line: those just above it first, since a record may take many lines."""
    for above in (NEAR, line_no):
        found = ask(
            db,
            f"{query} line_no between ? and ? and line_no + lines > ? order by all",
            [*values, line_no - above, line_no, line_no],
        )
        if found:
            return found
    return []


_SET_ASIDE = {
    "title": "above the header",
    "header": "the names of the columns",
    "blank": "nothing stands on it",
    "total": "a total: compared with its parts, never counted",
}


def _said(line_class: str, rule: str, words: str) -> dict[str, Any]:
    """Return an answer about a line that has no record: every key is there."""
    empty: dict[str, Any] = {
        "record_no": None,
        "cells": [],
        "figures": [],
        "printed": [],
        "derived": [],
        "rejected": [],
        "flagged": [],
    }
    return {"class": line_class, "rule": rule, "words": words, **empty, "labels": [], "controls": []}


def _place(lines: ExtractLines, line_no: int, n: int, before: str | tuple[str, ...]) -> dict[str, Any]:
    """Return where a record or line stands, its text now and as ingested; `before` is that text, or its fields."""
    text, fields = lines.as_it_stands([(line_no, n)]).get(line_no, (None, None))
    if isinstance(before, str):
        was, same = before, text == before
    else:
        # what no reader could part was kept as one field
        was, same = lines.as_line(before), before in (fields, (text,))
    return {
        **{name: lines.extract[name] for name in ("extract_id", "file", "sha256")},
        "address": lines.address,
        "place": lines.place(line_no),
        "line_no": line_no,
        "lines": n,
        "text": text,
        "ingested_text": text if same else was,
        "as_ingested": same,
    }


def _of_rejected(lines: ExtractLines, rejected: list[dict[str, Any]]) -> dict[str, Any]:
    record = rejected[0]
    rule = min(row["rule"] for row in rejected)  # as the ledger has it where there are several
    return {
        **_place(lines, record["line_no"], record["lines"], tuple(record["fields"])),
        **_said("rejected", rule, "kept whole, and counted nowhere"),
        "record_no": record["record_no"],
        "rejected": [{k: row[k] for k in ("rule", "column_name", "value", "expected")} for row in rejected],
    }


def _of_record(db: duckdb.DuckDBPyConnection, lines: ExtractLines, record: dict[str, Any]) -> dict[str, Any]:
    extract_id, record_no = lines.extract["extract_id"], record["record_no"]
    observed = _observed(db, lines, record_no)
    counted = _figures(db, {name for row in observed for name in row["feeds"]})
    ids = sorted({figure for figures in counted.values() for figure in figures})
    figures = list(find_figures(db, ids).values())
    printed = _printed(db, extract_id, record_no)
    cells = _cells(db, lines, record, counted, printed, observed)
    verdict = ask(db, f"from {parquet(lines.stored('validated'))} where record_no = ?", [record_no])[0]
    flagged = "select rule, column_name, value from flagged where extract_id = ? and record_no = ? order by all"
    if verdict["kind"] == "total":
        said = _said("set_aside", "total", _SET_ASIDE["total"])
    elif any(row["feeds"] for row in observed):
        said = _said("counted", "accepted", _counted_words(figures))
    else:
        reasons = dict.fromkeys(_why_not(row) for row in observed)
        said = _said("uncounted", "accepted", "read, and in no counted table: " + "; ".join(reasons))
    return {
        **_place(lines, record["line_no"], record["lines"], tuple(v for name, v in record.items() if name[0] == "f")),
        **said,
        "record_no": record_no,
        "cells": cells,
        "figures": [short(figure) for figure in figures],
        "printed": [short(figure) for figure in printed.values()],
        "derived": _derived(db, ids),
        "flagged": ask(db, flagged, [extract_id, record_no]),
        "labels": _labels(db, extract_id, observed),
        "controls": _controls(db, lines, record) if cells else [],
    }


def _counted_words(figures: list[dict[str, Any]]) -> str:
    if not figures:
        return "counted by its dimensions, but its period is in no month or year"
    made_up = " of a made-up extract" if figures[0]["synthetic"] else ""
    return f"counted in {len(figures)} figure{'' if len(figures) == 1 else 's'}{made_up}"


def _observed(db: duckdb.DuckDBPyConnection, lines: ExtractLines, record_no: int) -> list[dict[str, Any]]:
    """Return the observations of a record, each with the names of the figure tables that it feeds.

    They stand in the table `of_record`: what is covered of it is of no other record.
    """
    observe(db, lines.places, [str(lines.extract["extract_id"])], {*ASKED, "count_rule", "synthetic"})
    db.execute(f"create or replace temp table of_record as from observation where record_no = {int(record_no)}")
    feeds = ", ".join(f"case when {sql.feeds([table])} then '{table.name}' end" for table in COUNTED)
    return ask(
        db,
        f"select *, list_filter([{feeds}], lambda name: name is not null) as feeds from of_record o "
        "order by source_column nulls first, part_no",
    )


def _figures(db: duckdb.DuckDBPyConnection, fed: set[str]) -> dict[tuple[int | None, int], list[str]]:
    """Return the ids of the counted figures that the observations of a record are in, by column and part."""
    queries = []
    for table in COUNTED:
        if table.name in fed:
            identity = sql.figure_id(table.name, (*SCOPE, *table.dimensions), "synthetic")
            one = f"with {sql.covered(table, 'of_record')} select * from covered"
            queries.append(f"select source_column, part_no, {identity} as id from ({one})")
    found: dict[tuple[int | None, int], list[str]] = {}
    for row in ask(db, " union all ".join(queries) + " order by all") if queries else ():
        found.setdefault((row["source_column"], row["part_no"]), []).append(row["id"])
    return found


def _printed(db: duckdb.DuckDBPyConnection, extract_id: str, record_no: int) -> dict[tuple[int, int], dict[str, Any]]:
    """Return the printed figures of a record, by column and part."""
    query = (
        f"select {_SHORT}, source_column, part_no from printed where extract_id = ? and record_no = ? "
        "order by source_column, part_no"
    )
    return {(row["source_column"], row["part_no"]): row for row in ask(db, query, [extract_id, record_no])}


def _cells(
    db: duckdb.DuckDBPyConnection,
    lines: ExtractLines,
    record: dict[str, Any],
    counted: dict[tuple[int | None, int], list[str]],
    printed: dict[tuple[int, int], dict[str, Any]],
    observed: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return the cells of a record of counts, each part with its class and figures; none of a record that is one."""
    read = {(row["source_column"], row["part_no"]): row for row in observed}
    query = f"from {parquet(lines.stored('cells'))} where record_no = ? order by source_column, part_no"
    found = []
    for cell in ask(db, query, [record["record_no"]]):
        column, part = cell["source_column"], cell["part_no"]
        count = read.get((column, part))
        fed = any(row["feeds"] for row in observed if row["source_column"] == column)
        found.append(
            {
                "column": column,
                "header": lines.header_of(column),
                "cell": lines.cell_at(record["line_no"], column),
                "printed": cell["printed"],
                "part_no": part,
                "class": cell["cell_class"] if cell["cell_class"] != "data" else "counted" if fed else "uncounted",
                "rule": cell["rule"],
                "min": cell["count_min"],
                "max": cell["count_max"],
                "figures": counted.get((column, part), []),
                "printed_figure": printed[(column, part)]["id"] if (column, part) in printed else None,
                "why_not": None if count is None or count["feeds"] else _why_not(count),
            }
        )
    return found


def _why_not(observation: dict[str, Any]) -> str:
    """Return why an observation is in no counted figure table, in words."""
    dimensions = observation["dimensions"]
    own = " and ".join(dimensions) or "none"
    if observation["kind"] == "total":
        return _SET_ASIDE["total"]
    if observation["kind"] == "unknown":
        return f"no count stands there ({observation['count_rule']})"
    if observation["part_no"] > 1:
        return "only the first count of a cell has the population of its table"
    if observation["layout"] == "counts":
        if any(sorted(table.dimensions) == dimensions for table in COUNTED):
            return f"which column it is in cannot be proved ({', '.join(observation['uncertain'])})"
        return f"no counted table has exactly its dimensions, which are {own}"
    possible = [table for table in COUNTED if set(table.dimensions) <= set(dimensions)]
    if not possible:
        return f"its dimensions are {own}, and every counted table needs one that it has not"
    if not any(set(observation["constants"]) <= set(table.dimensions) for table in possible):
        constants = " and ".join(observation["constants"])
        return f"all lines are of one {constants}, and every counted table of its dimensions leaves that out"
    return f"which column it is in cannot be proved ({', '.join(observation['uncertain'])})"


def _derived(db: duckdb.DuckDBPyConnection, ids: list[str]) -> list[dict[str, Any]]:
    """Return the derived figures that stand on figures, on derived ones too, table by table in order of id."""
    found: list[dict[str, Any]] = []
    below = set(ids)
    while below:
        tables = {table_of(figure) for figure in below}
        above: list[dict[str, Any]] = []
        for table in TABLES.values():
            if isinstance(table, DerivedTable) and tables & set(table.parents):
                standing = f"list_has_any(parents, [{marks(list(below))}])"
                above += ask(db, f"select {_SHORT} from {table.name} where {standing} order by id", sorted(below))
        found += above
        below = {figure["id"] for figure in above}
    return found


_DIMENSIONS = ("period", "offence", "outcome", "platform", "age")


def _labels(db: duckdb.DuckDBPyConnection, extract_id: str, observed: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what each label of the record was read as, and by what."""
    own = {(d, row[f"{d}_label"]) for row in observed for d in _DIMENSIONS if row[f"{d}_label"] is not None}
    if not own:
        return []
    query = (
        "select dimension, label, code, status, rule, source from label "
        f"where extract_id = ? and (dimension, label) in ({', '.join(['(?, ?)'] * len(own))})"
    )
    found = ask(db, query, [extract_id, *(value for key in sorted(own) for value in key)])
    return sorted(found, key=lambda row: (_DIMENSIONS.index(row["dimension"]), row["label"]))


def _controls(db: duckdb.DuckDBPyConnection, lines: ExtractLines, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the totals that stand on the line of a record."""
    query = (
        "select kind, place, stated, sum_min, sum_max, verdict from control "
        f"where disclosure = ? and table_id = ? and contains(place, ', line {int(record['line_no'])},') order by all"
    )
    return ask(db, query, [lines.extract["disclosure"], lines.extract["table_id"]])
