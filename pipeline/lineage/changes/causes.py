"""Causes: why a pair of lines adds something to a figure, and the parts of each figure's change by cause.

    new         a line that was not there; which extract has it
    gone        a line that is not there any more
    withdrawn   a line whose extract was withdrawn
    revised     a line that says something else in what the figure counts by
    recoded     a line that says the same, whose label a row of a reference table now reads otherwise
    moved       printed cells only: the line stands elsewhere in its file
    rule        the same line with the same codes, counted otherwise: by the manifest or by the code
    absence     no line: a zero where the table covers what no record has
    unknown     nobody can say: a withdrawal removed the release (withdrawn.py)

One pair has one cause for one figure, in the order above, and only what the figure counts by is looked at: a revised
outcome is no cause for a figure that has no outcome. So the parts add up to the difference.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import duckdb

from pipeline.figures.catalogue import COUNTED
from pipeline.lineage.changes.figures import name_table
from pipeline.lineage.pairing import LABELS
from pipeline.store.duck import ask

Part = dict[str, Any]
"""A part of the change of a figure: {cause, what, delta_min, delta_max, delta_open, n, lines}."""

CAUSES = ("new", "gone", "withdrawn", "revised", "recoded", "moved", "rule", "absence", "unknown")
"""Every cause, in the order in which parts are told."""

EXAMPLES, EXAMPLES_OF_ONE = 5, 20
"""Lines that a part names, and where one figure is asked for; its `n` is of all.

A line is in many figures: with 20 each, what is told of 5,000 new lines takes longer to write than to find.
"""

_CODES = {
    "period": "period",
    "offence": "offence",
    "outcome": "outcome",
    "platform": "array_to_string(platforms, '; ')",
    "age": "age",
}
"""What a label of each dimension was read as, as the label tables write it."""

_REST = {
    "kind": "kind",
    "count": "case when count_min = count_max then count_min::varchar "
    "else concat_ws(' to ', count_min, coalesce(count_max::varchar, 'open')) end",
    "rule of the count": "count_rule",
    **{name: name for name in ("unit", "date_basis", "layout", "period_basis")},
    **{name: f"array_to_string({name}, ', ')" for name in ("dimensions", "constants", "uncertain")},
}
"""What else an observation is counted by, in SQL, by the name it is told under."""


def find_causes(db: duckdb.DuckDBPyConnection, withdrawn: Collection[str], figures: Collection[str]) -> None:
    """Make the table `cause_line` from `part_line`: figure_table, id, pair, cause, extract_id, what, low, high, open.

    Of some `figures` alone, by id. `what` is a list of {column, label, before, after}: what differs in the pair.
    `withdrawn` are the extracts that were withdrawn between the two sides.
    """
    name_table(db, "told_figure", "id", set(figures))
    db.execute(
        "create or replace temp table told_line as select part_line.*, figure_table, id "
        "from part_line join counted_figure using (figure) semi join told_figure using (id)"
    )
    _make_differences(db)
    _make_pairs(db, withdrawn)
    periods = {"year": "period", "month": "period"}
    counts_by = {t.name: [periods.get(d, d) for d in t.dimensions] for t in COUNTED} | {"printed": [*LABELS]}
    rows = ", ".join(f"('{name}', {[*columns, 'count']})" for name, columns in counts_by.items())
    db.execute(f"create or replace temp table counts_by as from (values {rows}) as t(figure_table, columns)")
    db.execute(
        "create or replace temp table cause_line as with told as (\n"
        "  select l.*, p.before, p.after, p.kind, p.extract_id, p.one_sided, p.moved, p.rest,\n"
        "    list_filter(p.revised, lambda x: list_contains(c.columns, x.column)) as revised,\n"
        "    list_filter(p.recoded, lambda x: list_contains(c.columns, x.column)) as recoded\n"
        "  from told_line l join told_pair p using (pair) join counts_by c using (figure_table)\n"
        "),\n"
        "named as (\n"
        "  select *, case\n"
        "    when one_sided is not null then one_sided\n"
        "    when len(revised) > 0 then 'revised'\n"
        "    when len(recoded) > 0 then 'recoded'\n"
        "    when figure_table = 'printed' and moved then 'moved'\n"
        "    else 'rule' end as cause\n"
        "  from told\n"
        ")\n"
        "select figure_table, id, pair, before, after, cause, low, high, open,\n"
        "  case when cause in ('new', 'gone', 'withdrawn') then extract_id end as extract_id,\n"
        "  case when kind = 'new_from_file' then [{'column': 'line', 'label': null::varchar, "
        "'before': 'not taken', 'after': 'taken'}]\n"
        "    when kind = 'gone_from_file' then [{'column': 'line', 'label': null::varchar, "
        "'before': 'taken', 'after': 'not taken'}]\n"
        "    when cause = 'revised' then revised when cause = 'recoded' then recoded\n"
        "    when cause = 'rule' then rest end as what\n"
        "from named"
    )


def _make_pairs(db: duckdb.DuckDBPyConnection, withdrawn: Collection[str]) -> None:
    """Make `told_pair`: each pair that adds something, with what differs in it whatever a figure counts by.

    `one_sided` is the cause of a pair that stands on one side only, for every figure the same, else null.
    """
    name_table(db, "withdrawn_extract", "extract_id", withdrawn)
    db.execute(
        "create or replace temp table told_pair as\n"
        "select p.pair, p.before, p.after, p.kind, coalesce(a.extract_id, b.extract_id) as extract_id,\n"
        "  case when p.kind = 'gone' and b.extract_id in (from withdrawn_extract) then 'withdrawn'\n"
        "    when p.kind in ('new', 'gone') then p.kind when p.kind like '%_from_file' then 'rule' end as one_sided,\n"
        "  (b.record_no, b.source_column, b.part_no) is distinct from (a.record_no, a.source_column, a.part_no) "
        "as moved,\n"
        "  d.revised, d.recoded, d.rest\n"
        "from line_pair p semi join told_line using (pair) left join pair_difference d using (pair)\n"
        "left join before_line b on b.line = p.before left join after_line a on a.line = p.after"
    )


def _make_differences(db: duckdb.DuckDBPyConnection) -> None:
    """Make `pair_difference`: what differs in text, code and the rest in each pair of two lines that adds something."""
    texts = {f"text_{name}": f"{name}_label" for name in LABELS} | {"text_count": "printed"}
    codes = {f"code_{name}": code for name, code in _CODES.items()}
    rest = {f"rest_{at}": value for at, value in enumerate(_REST.values())}
    values = ", ".join(f"{value} as {name}" for name, value in {**texts, **codes, **rest}.items())
    revised = [_difference(name, f"text_{name}") for name in (*LABELS, "count")]
    recoded = [
        _difference(name, f"code_{name}", f"b.text_{name}", f"b.text_{name} is not distinct from a.text_{name}")
        for name in LABELS
    ]
    otherwise = [_difference(name, f"rest_{at}") for at, name in enumerate(_REST)]
    lists = ", ".join(
        f"list_filter([{', '.join(found)}], lambda x: x is not null) as {name}"
        for name, found in (("revised", revised), ("recoded", recoded), ("rest", otherwise))
    )
    db.execute(
        "create or replace temp table pair_difference as with chosen as (\n"
        "  select p.pair, p.before, p.after from (select distinct pair from told_line) join line_pair p using (pair)\n"
        "  where p.before is not null and p.after is not null\n"
        "),\n"
        f"b as (select pair, {values} from before_line l join chosen on chosen.before = l.line),\n"
        f"a as (select pair, {values} from after_line l join chosen on chosen.after = l.line)\n"
        f"select pair, {lists} from b join a using (pair)"
    )


def _difference(name: str, column: str, label: str = "null::varchar", condition: str = "true") -> str:
    """Return the SQL of {column, label, before, after} where a column of `b` and `a` differs, else null."""
    return (
        f"case when {condition} and b.{column} is distinct from a.{column} then "
        f"{{'column': '{name}', 'label': {label}, 'before': b.{column}, 'after': a.{column}}} end"
    )


def parts(db: duckdb.DuckDBPyConnection, examples: int) -> dict[str, list[Part]]:
    """Return the parts of each figure, by its id: {cause, what, delta_min, delta_max, delta_open, n, lines}.

    `delta_max` is of counts that have an upper bound, `delta_open` of how many have none. `n` is how many lines (in
    tables of counts: cells), `lines` the first of them, up to `examples`, {before, after}, each with its place or None.
    """
    query = (
        "select id, cause, extract_id, what, count(*) as n, sum(low)::bigint as delta_min, "
        "sum(high)::bigint as delta_max, sum(open)::bigint as delta_open, "
        f"min_by({{'before': before, 'after': after}}, coalesce(before, {_LAST} + after), {examples}) as lines "
        "from cause_line group by id, cause, extract_id, what"
    )
    rows = ask(db, query)
    at = _places(db, rows)
    sources = _sources(db)
    found: dict[str, list[Part]] = {}
    for row in rows:
        lines = [{side: at[side].get(line[side]) for side in ("before", "after")} for line in row["lines"]]
        cause, what = _told(row, sources)
        deltas = {name: row[name] for name in ("delta_min", "delta_max", "delta_open", "n")}
        found.setdefault(row["id"], []).append({"cause": cause, "what": what, **deltas, "lines": lines})
    return {figure: sorted(own, key=part_order) for figure, own in found.items()}


_LAST = 1 << 50
"""More than any number of a line: new lines come after the others."""


def part_order(part: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what parts are ordered by: cause, the largest first, then what."""
    size = max(abs(part["delta_min"]), abs(part["delta_max"]))
    return (CAUSES.index(part["cause"]), -size, -part["n"], repr(part["what"]))


def causes(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return how many lines each cause has, of how many figures: {cause, what, lines, figures}, in order."""
    query = (
        "select cause, extract_id, what, count(distinct pair) as lines, count(distinct id) as figures "
        "from cause_line group by cause, extract_id, what"
    )
    sources = _sources(db)
    found = []
    for row in ask(db, query):
        cause, what = _told(row, sources)
        found.append({"cause": cause, "what": what, "lines": row["lines"], "figures": row["figures"]})
    return sorted(found, key=lambda c: (CAUSES.index(c["cause"]), -c["lines"], -c["figures"], repr(c["what"])))


def _places(db: duckdb.DuckDBPyConnection, rows: Collection[Mapping[str, Any]]) -> dict[str, dict[int, dict[str, Any]]]:
    """Return where the example lines of each side stand, by their numbers."""
    found = {}
    for side in ("before", "after"):
        wanted = sorted({line[side] for row in rows for line in row["lines"] if line[side] is not None})
        query = (
            "select line, e.file, extract_id, record_no, line_no, source_column, part_no "
            f"from {side}_line join {side}.extract e using (extract_id) "
            f"where line in ({', '.join(str(line) for line in wanted) or 'null'})"
        )
        found[side] = {row.pop("line"): row for row in ask(db, query)}
    return found


def _sources(db: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the labels that are read otherwise than before, by dimension and label."""
    return {(row["dimension"], row["label"]): row for row in ask(db, "from read_otherwise order by extract_id desc")}


def _told(row: Mapping[str, Any], sources: Mapping[tuple[str, str], Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Return the cause and {extract_id} or {differs [{column, label, before, after, source}]}.

    A label that is read otherwise by no row of a reference table is read so by the code.
    """
    if row["extract_id"] is not None:
        return row["cause"], {"extract_id": row["extract_id"]}
    differs = [{**one, "source": None} for one in row["what"] or ()]
    cause = row["cause"]
    if cause == "recoded":
        rows = [sources.get((one["column"], one["label"])) for one in differs]
        for one, said in zip(differs, rows, strict=True):
            one["source"] = (said["after_source"] or said["before_source"] or None) if said else None
        if not any(said and _by_row(said) for said in rows):
            cause = "rule"
    return cause, {"differs": differs}


def _by_row(said: Mapping[str, Any]) -> bool:
    """Return True where a row of a reference table decides what a label is read as, now or before."""
    return any(
        said[f"{side}_source"] or str(said[f"{side}_rule"]).startswith("reference row") for side in ("before", "after")
    )
