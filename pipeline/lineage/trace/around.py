"""What stands around the lines of a figure.

Labels with the rows they were read by, constants, controls, caveats, checks and extracts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import duckdb

from pipeline.figures.catalogue import TABLES
from pipeline.lineage.trace.cells import Cells, tables_of
from pipeline.lineage.trace.finding import marks, table_of
from pipeline.store.duck import ask
from schemas.rules import IMPLAUSIBLE

_DIMENSIONS = ("period", "offence", "outcome", "platform", "age")


def labels(read: Sequence[dict[str, Any]], counted: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return which labels lines carry, what each was read as and by what, and how many observations have it.

    {dimension, label, code, n, status, rule, source}: `source` is that of the reference row, empty where the label was
    read by its structure. `read` are the labels of extracts, `counted` those of `Members.labels`.
    """
    by_label = {(row["extract_id"], row["dimension"], row["label"]): row for row in read}
    found: dict[tuple[str, ...], int] = {}
    for row in counted:
        by = by_label.get((row["extract_id"], row["dimension"], row["label"]))
        if by is None:  # the label of a total is read as nothing
            continue
        # a total is counted nowhere and has no codes; a label that it shares with others says what it says of them
        code = by["code"] if row["code"] is None else row["code"]
        key = (row["dimension"], row["label"], code, by["status"], by["rule"], by["source"])
        found[key] = found.get(key, 0) + row["n"]
    in_order = sorted(found.items(), key=lambda item: (_DIMENSIONS.index(item[0][0]), item[0][2], -item[1], item[0]))
    return [
        {"dimension": key[0], "label": key[1], "code": key[2], "n": n}
        | dict(zip(("status", "rule", "source"), key[3:], strict=True))
        for key, n in in_order
    ]


def constants(db: duckdb.DuckDBPyConnection, cells: Sequence[Cells]) -> list[dict[str, Any]]:
    """Return what the letter says of all lines and no line says itself."""
    found = []
    for disclosure, table_id in tables_of(cells):
        query = "select constants from source_table where disclosure = ? and table_id = ?"
        for row in ask(db, query, [disclosure, table_id]):
            found += [{"disclosure": disclosure, "table_id": table_id, **c} for c in json.loads(row["constants"])]
    return found


_PLACE = re.compile(r"line (?P<line>\d+), column (?P<column>\d+)$")


def controls(
    db: duckdb.DuckDBPyConnection, cells: Sequence[Cells], at: set[tuple[str, str, int, int]]
) -> list[dict[str, Any]]:
    """Return the comparisons that cells take part in; `at` are the printed cells behind them.

    That are totals of a column or line in which one of them stands, and all that are of a whole table.
    """
    return [
        control
        for key in tables_of(cells)
        for control in ask(db, "from control where disclosure = ? and table_id = ? order by all", key)
        if _touches(control, at)
    ]


def _touches(control: dict[str, Any], at: set[tuple[str, str, int, int]]) -> bool:
    place = _PLACE.search(control["place"])
    if place is None or control["kind"] == "grand total":
        return True
    own = [(line, column) for *table, line, column in at if table == [control["disclosure"], control["table_id"]]]
    if control["kind"] == "column total":
        return any(column == int(place["column"]) for _, column in own)
    return any(line == int(place["line"]) for line, _ in own)


def caveats(db: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[dict[str, str]]:
    """Return the caveats of a figure, each with its words."""
    ids = figure["caveats"] or []
    query = f"select distinct caveat_id, text from caveat where caveat_id in ({marks(ids)})"
    texts = {row["caveat_id"]: row["text"] for row in ask(db, query, ids)} if ids else {}
    return [{"id": i, "text": texts.get(i, "")} for i in ids]


_LISTED = {
    "rejected_records.none_rejected": "rejected",
    "rejected_records.values_plausible": f"flagged where rule in {IMPLAUSIBLE}",
    "unmapped_labels.labels_mapped": "label where status not in ('mapped', 'unknown')",
}
"""Checks that list rows of extracts, and where those are in a release."""


def checks(
    db: duckdb.DuckDBPyConnection, figure: dict[str, Any], behind: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the checks of the release that concern a figure: of its table, of its parents', and of all extracts.

    {name, severity, passed, message, here}: `here` is how many of what a check lists are in the extracts behind the
    figure, None of a check that lists nothing by extract.
    """
    own = {table_of(figure["id"]), *(table_of(parent) for parent in figure.get("parents") or ())}
    others = {name for name in TABLES if name not in own}
    ids = [extract["extract_id"] for extract in behind]
    query = " union all ".join(
        f"select '{name}' as name, count(*) as n from (from {listed}) where extract_id in ({marks(ids)})"
        for name, listed in _LISTED.items()
    )
    here = dict.fromkeys(_LISTED, 0)
    if ids:
        here = {row["name"]: row["n"] for row in ask(db, query, ids * len(_LISTED))}
    return [
        {**row, "here": here.get(row["name"])}
        for row in ask(db, "select name, severity, passed, message from check_result order by rowid")
        if row["name"].split(".")[0] not in others
    ]


def extracts(db: duckdb.DuckDBPyConnection, behind: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the account of each extract behind a figure: its lines by class, and whether they balance."""
    if not behind:
        return []
    ids = [extract["extract_id"] for extract in behind]
    columns = "l.lines, l.counted, l.uncounted, l.rejected, l.set_aside, l.balances"
    return ask(
        db,
        f"select e.extract_id, e.file, e.sha256, e.sensitivity, {columns} from extract e join ledger l "
        f"using (extract_id) where e.extract_id in ({marks(ids)}) order by e.extract_id",
        ids,
    )
