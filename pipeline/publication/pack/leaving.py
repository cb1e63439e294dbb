"""What may leave the house: which extracts go into a pack as bytes, and what of a release's tables stays here.

Bytes leave where their manifest says so and no record is in them. Of every other extract a pack has the digest and, for
its figures, codes: cells of tables of counts, and of records no more together than one figure table joins.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import CountedTable
from pipeline.intake.manifest import Extract


def why_not(extract: Extract) -> str | None:
    """Return, in words, why the bytes of an extract may not leave, or None where they may."""
    if extract.disclosure.rights.bytes_may_leave != "yes":
        return "the manifest does not say that the bytes may leave"
    if extract.terms.sensitivity != "aggregate":
        return f"its sensitivity is {extract.terms.sensitivity}: records never leave"
    return None


def shown(name: str, columns: Sequence[str], hidden: Sequence[str]) -> tuple[str, str | None]:
    """Return the query of what may leave of table `name` of a release, and what is left out of it, None = nothing.

    `hidden` are the ids of extracts whose bytes stay here. The table is read as `r.<name>`.
    """
    of_hidden = f"extract_id in ({', '.join(map(_literal, hidden))})" if hidden else "false"
    if name in {"rejected", "flagged"}:
        values = [f"case when not ({of_hidden}) then {c} end as {c}" for c in ("value", "fields") if c in columns]
        return f"select * replace ({', '.join(values)}) from r.{name}", "values of extracts that may not leave"
    if name == "label":
        words = "labels of extracts that may not leave, where no reference table reads them"
        return f"select * from r.{name} where not ({of_hidden}) or status = 'mapped'", words
    if name == "refused":
        return f"select * replace (null::varchar as reason) from r.{name}", "why it was refused may quote a file"
    return f"select * from r.{name}", None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


OBSERVATION = (
    *("record_no", "source_column", "part_no", "kind", "layout"),
    *("period", "offence", "outcome", "platforms", "age", "dimensions", "constants", "uncertain"),
    *("count_min", "count_max"),
)
"""What is said of an observation whose line is not in the pack: codes and counts, no label and no line."""


def make_codes(db: duckdb.DuckDBPyConnection, extract: Extract, tables: Sequence[CountedTable]) -> None:
    """Create the view `codes` over `observation` and `bucket`: OBSERVATION of an extract, as far as figures need it.

    Cells of a table of counts are given as they are. A record is given once for each figure table that counts it, with
    the dimensions of that table alone, its period as coarse as the table's, and a number that says nothing of its line
    nor of the same record in another table.
    """
    if extract.terms.layout == "counts":
        db.execute(f"create or replace temp view codes as select {', '.join(OBSERVATION)} from observation")
        return
    parts = [_of_table(table, number) for number, table in enumerate(tables)]
    query = " union all ".join(parts) or f"select {', '.join(OBSERVATION)} from observation limit 0"
    db.execute(f"create or replace temp view codes as {query}")


def _of_table(table: CountedTable, number: int) -> str:
    kind = table.period_kind
    coarse = (
        "(with told as (select extract_id, period, list(year_basis || ' ' || code order by all) as of from bucket "
        f"where kind = '{kind}' group by all) "
        "select extract_id, period, min(period) over (partition by extract_id, of) as coarsest from told)"
    )
    codes = {"offence": "offence", "outcome": "outcome", "platform": "platforms", "age": "age"}
    own = [f"o.{column}" for name, column in codes.items() if name in table.dimensions]
    given = [f"o.{c} as {c}" if f"o.{c}" in own else f"null as {c}" for c in codes.values()]
    order = ", ".join(["c.coarsest", *own])
    dimensions = ", ".join(_literal(d) for d in sorted(table.dimensions))
    # `counts`: it counts in the one table whose dimensions these are
    return (
        f"select (row_number() over (order by {order})) + {number}::bigint * 1000000000 as record_no, "
        "null::integer as source_column, 1 as part_no, 'data' as kind, 'counts' as layout, c.coarsest as period, "
        f"{', '.join(given)}, [{dimensions}] as dimensions, []::varchar[] as constants, []::varchar[] as uncertain, "
        f"o.count_min, o.count_max from observation o join {coarse} c using (extract_id, period) "
        f"where {sql.feeds([table])}"
    )
