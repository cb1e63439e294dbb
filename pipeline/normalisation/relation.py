"""The relation `observation`: the star of the observations layer put together again, for queries.

A label becomes its codes by a map that is constant for a query. DuckDB applies such a function to the entries of a
Parquet dictionary and not to rows, and leaves it out where its column is not asked for: so ten million rows cost what
their labels cost. A join would be made for every row, asked for or not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipeline.normalisation.columns import LABELLED, MAPPED, OBSERVATION_COLUMNS, RECORD, ROW_COLUMNS, SHARED
from pipeline.store.duck import insert, literal, parquet
from pipeline.store.files import read_json

IN_MEMORY = 1_000_000
"""Up to so many observations are copied to memory (some 150 MB): to open every file anew for every query is slower."""

MAPPED_AT_ONCE = 500
"""Up to so many labels are looked up in a map, which is searched from end to end; more are joined."""

_OF_LABEL = {d: (*MAPPED[d], *((("dimensions", "varchar[]"),) if d == "period" else ())) for d in LABELLED}
"""The columns that follow from the label of a dimension, in the order of its codes."""


def make_observation(
    db: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    often: bool = False,
    name: str = "observation",
    columns: Collection[str] = OBSERVATION_COLUMNS,
) -> None:
    """Create the relation of all observations given, for this connection only, with OBSERVATION_COLUMNS or some.

    `paths` are those of their facts, as a release lists them under `observations`. `often` says that many queries will
    follow, so that copying what is not too much to memory is worth while. Raises ValueError where one is not of this
    form: it was written by an earlier version of the code.
    """
    facts = [_Facts(path, read_json(path)) for path in paths]
    kinds = {column: kind for column, kind in OBSERVATION_COLUMNS.items() if column in columns}
    try:
        selects = [_select(db, group, f"{name}_{number}", kinds) for number, group in enumerate(_groups(facts))]
    except LookupError as error:
        raise ValueError(f"facts of observations without {error}: they are not of this form") from error
    if not selects:
        selects = [f"select {', '.join(f'null::{kind} as {column}' for column, kind in kinds.items())} limit 0"]
    few = often and sum(one.said["n"] for one in facts) <= IN_MEMORY
    query = " union all ".join(selects)
    db.execute(f"create or replace temp {'table' if few else 'view'} {name} as {query}")


def make_shared(db: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    """Create the relation `shared`: what all observations of an extract with the same period share, each once.

    extract_id, period and period_basis are its key, SHARED, dimensions, constants and uncertain its columns.
    """
    columns = {**SHARED, **dict.fromkeys(("period", "period_basis"), "varchar")}
    columns |= dict.fromkeys(("dimensions", "constants", "uncertain"), "varchar[]")
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in paths:
        said = read_json(path)
        for period, _, _, basis, dimensions in said["labels"].get("period", {"codes": {}})["codes"].values():
            row = said["shared"] | {"period": period, "period_basis": basis, "dimensions": dimensions}
            found[(row["extract_id"], period, basis)] = tuple(row[name] for name in columns)
    db.execute(f"create or replace temp table shared ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    insert(db, "shared", list(found.values()))


@dataclass(frozen=True)
class _Facts:
    path: Path
    said: dict[str, Any]

    @property
    def own(self) -> Path:
        """The file beside the facts: rows, or the records that are left out."""
        return self.path.with_suffix(".parquet")

    @property
    def rows(self) -> Path:
        return self.own if self.said["rows"] == "own" else self.path.parent / self.said["source"]

    @property
    def form(self) -> tuple[Any, ...]:
        """What extracts must have in common to be read by one query."""
        said = self.said
        in_lines = tuple((d, labels["said"] is None) for d, labels in said["labels"].items())
        other = str(said["other"])
        return (said["rows"], bool(said["left_out"]), in_lines, str(said["fields"]), other, str(said["own"]))

    def in_lines(self, dimension: str) -> dict[str, list[Any]] | None:
        """Return the codes of the labels that lines have for a dimension; None where they have none."""
        labels = self.said["labels"].get(dimension)
        return None if labels is None or labels["said"] is not None else labels["codes"]

    def shared(self, dimension: str) -> tuple[str | None, list[Any]]:
        """Return the label of a dimension that all lines share with its codes; nulls where there is none."""
        labels = self.said["labels"].get(dimension) or {"said": None, "codes": {}}
        none = [None] * len(_OF_LABEL[dimension])
        return labels["said"], labels["codes"].get(labels["said"], none)


@dataclass
class _Group:
    """Extracts that are read by one query: of one form, and no label of theirs means one thing here, another there."""

    facts: list[_Facts] = field(default_factory=list)
    codes: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def takes(self, facts: _Facts) -> bool:
        """Return True where labels mean the same in an extract of the same form."""
        return all(
            self.codes[d].get(label, codes) == codes
            for d in self.codes
            for label, codes in (facts.in_lines(d) or {}).items()
        )

    def add(self, facts: _Facts) -> None:
        self.facts.append(facts)
        for dimension in LABELLED:
            if (codes := facts.in_lines(dimension)) is not None:
                self.codes.setdefault(dimension, {}).update(codes)


def _groups(facts: Sequence[_Facts]) -> list[_Group]:
    by_form: dict[tuple[Any, ...], list[_Group]] = {}
    for one in facts:
        groups = by_form.setdefault(one.form, [])
        group = next((group for group in groups if group.takes(one)), None)
        if group is None:
            groups.append(group := _Group())
        group.add(one)
    return [group for groups in by_form.values() for group in groups]


def _select(db: duckdb.DuckDBPyConnection, group: _Group, name: str, kinds: dict[str, str]) -> str:
    """Return the query of columns of the observations of a group, given with their SQL types.

    What it looks up is kept under names that begin with `name`.
    """
    first = group.facts[0]
    is_total = "r.kind = 'total'" if first.said["rows"] == "own" else None
    values = {column: _shared(group, [f.said["shared"][column] for f in group.facts], kind)
              for column, kind in OBSERVATION_COLUMNS.items() if column in first.said["shared"]}  # fmt: skip
    values |= {column: f"r.{column}" for column in ROW_COLUMNS}
    joins = ""
    for dimension in LABELLED:
        columns = _OF_LABEL[dimension]
        if dimension in group.codes:
            codes = group.codes[dimension]
            if len(codes) > MAPPED_AT_ONCE:
                table = f"{name}_{dimension}"
                _make_table(db, codes, dimension, table)
                joins += f" left join {table} on {table}.label = r.{dimension}_label"
                found = [f"{table}.{column}" for column, _ in columns]
            else:
                found = [
                    _looked_up({text: of_label[at] for text, of_label in codes.items()}, kind, f"r.{dimension}_label")
                    for at, (_, kind) in enumerate(columns)
                ]
        else:
            shared = [f.shared(dimension) for f in group.facts]
            values[f"{dimension}_label"] = _shared(group, [label for label, _ in shared], "varchar")
            found = [_shared(group, [codes[at] for _, codes in shared], kind) for at, (_, kind) in enumerate(columns)]
        for (column, _), value in zip(columns, found, strict=True):
            values[column] = value if is_total is None else f"case when not ({is_total}) then {value} end"
    values["dimensions"] = f"coalesce({values['dimensions']}, {_literal(first.said['own'])})"
    selected = ", ".join(f"({values[column]})::{kind} as {column}" for column, kind in kinds.items())
    return f"select {selected} from ({_rows(group)}) r{joins}{_anti(group)}"


def _rows(group: _Group) -> str:
    """Return the query of ROW_COLUMNS of a group, each with the name of its file."""
    files = parquet(*(f.rows for f in group.facts))
    said = group.facts[0].said
    if said["rows"] == "own":
        return f"select *, filename from {files}"
    fields = said["fields"]
    values = {column: f"{_literal(value)}::{ROW_COLUMNS[column]}" for column, value in RECORD.items()}
    values |= {f"{d}_label": fields.get(d, "null") for d in LABELLED}
    values |= {"reference": fields.get("reference", "null"), "other": _other(said), "platform_spans": "null"}
    columns = ", ".join(f"{values.get(column, column)} as {column}" for column in ROW_COLUMNS)
    return f"select {columns}, filename from {files}"


def _other(said: dict[str, Any]) -> str:
    """Return the SQL of the dimensions that have no vocabulary, as `name=text; ...`."""
    parts = []
    for number, (name, text) in enumerate(said["other"]):
        before = f"{'; ' if number else ''}{name}="
        parts.append(
            _literal(before + (text or "")) + (f" || {said['fields'][f'other:{name}']}" if text is None else "")
        )
    return " || ".join(parts) or "null"


def _anti(group: _Group) -> str:
    """Return the SQL that leaves out the source records which are no observations."""
    first = group.facts[0]
    if not first.said["left_out"]:
        return ""
    files = parquet(*(f.own for f in group.facts))
    extract_id = _shared(group, [f.said["shared"]["extract_id"] for f in group.facts], "varchar")
    same = f" and l.extract_id = {extract_id}" if len(group.facts) > 1 else ""
    return f" anti join {files} l on l.record_no = r.record_no{same}"


def _shared(group: _Group, values: Sequence[Any], kind: str) -> str:
    """Return the SQL of what all observations of an extract share, one value an extract of the group."""
    if all(value == values[0] for value in values):
        return _literal(values[0])
    files = [str(f.rows) for f in group.facts]
    return _looked_up(dict(zip(files, values, strict=True)), kind, "r.filename")


def _make_table(db: duckdb.DuckDBPyConnection, codes: dict[str, list[Any]], dimension: str, name: str) -> None:
    """Make a temporary table of labels with the columns that follow from them."""
    declared = ", ".join(f"{column} {kind}" for column, kind in (("label", "varchar"), *_OF_LABEL[dimension]))
    db.execute(f"create or replace temp table {name} ({declared})")
    insert(db, name, [(text, *values) for text, values in codes.items()])


def _looked_up(values: dict[str, Any], kind: str, text: str) -> str:
    """Return the SQL of the value that belongs to a text, null where none does.

    As JSON: one constant takes less time to read than one for each label.
    """
    there = {key: value for key, value in values.items() if value is not None}
    if not there:
        return "null"
    entries = _literal(json.dumps(there, ensure_ascii=False))
    return f"map_extract_value(from_json({entries}, '\"MAP(VARCHAR, {kind})\"'), {text})"


def _literal(value: Any) -> str:
    """Return a value as SQL."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if value is None or isinstance(value, bool | int):
        return "null" if value is None else str(value)
    return literal(value)
