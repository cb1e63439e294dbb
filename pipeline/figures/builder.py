"""The builder: figure files from observations, one immutable Parquet file a figure table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import COUNTED, SCOPE, TABLES, CountedTable
from pipeline.figures.facts import TableFacts, table_facts
from pipeline.intake.manifest import Disclosure, said_digest_text
from pipeline.normalisation.buckets import YEAR_BASES, covering
from pipeline.normalisation.columns import BUCKET_COLUMNS
from pipeline.normalisation.observations import Observations
from pipeline.normalisation.vocabulary import platform
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.duck import copy_out, insert, memory, parquet, rows, workspace
from pipeline.store.files import written
from pipeline.store.places import Places

CODE = ("pipeline/figures", "pipeline/normalisation", "pipeline/store", "schemas")


@dataclass(frozen=True)
class FigureInputs:
    """What all figure tables of one release are built from: disclosures and the observations of accepted extracts."""

    disclosures: tuple[Disclosure, ...]
    observations: tuple[Observations, ...]

    @cached_property
    def digest(self) -> str:
        """The inputs digest: figure files of different inputs are never mixed in one release."""
        return digest_of(
            {
                "disclosures": sorted(said_digest_text(d) for d in self.disclosures),
                "observations": sorted((o.extract.extract_id, o.digest) for o in self.observations),
                "code": code_digest(*CODE),
            }
        )

    @cached_property
    def facts(self) -> tuple[TableFacts, ...]:
        """The facts of every table, in order of disclosure and table."""
        return tuple(table_facts(self.disclosures, [o.extract for o in self.observations]))

    @cached_property
    def db(self) -> duckdb.DuckDBPyConnection:
        """A workspace with the relations `observation`, `bucket` and `facts`, shared by all figure tables."""
        db = workspace()
        _load(db, self)
        return db

    @cached_property
    def bases(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """For each table, the kind (month or year) and basis of the buckets that its periods are in.

        Tables with lines by year beside lines by month are left out: what fell in which month cannot be told.
        """
        query = (
            "with line as (select distinct disclosure, table_id, extract_id, period_basis in "
            f"{YEAR_BASES} as by_year from shared where period is not null), "
            "even as (select disclosure, table_id from line group by all having count(distinct by_year) = 1) "
            "select distinct disclosure, table_id, kind, year_basis from line join even using (disclosure, table_id) "
            "join bucket using (extract_id) order by all"
        )
        found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for disclosure, table_id, kind, basis in self.db.execute(query).fetchall():
            found[(disclosure, table_id)].append((kind, basis))
        return found

    @cached_property
    def lines_of_counts(self) -> dict[str, set[tuple[str, int]]]:
        """For each figure counted from tables of counts, the source records (extract id, number) behind it."""
        lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for table in COUNTED:
            identity = sql.figure_id(table.name, (*SCOPE, *table.dimensions), "synthetic")
            query = (
                f"with {sql.covered(table)} select {identity}, extract_id, record_no from covered "
                "where layout = 'counts'"
            )
            for figure, extract_id, record_no in self.db.execute(query).fetchall():
                lines[figure].add((extract_id, record_no))
        return lines


@dataclass(frozen=True)
class FigureFile:
    """One built figure table."""

    name: str
    path: Path


def ensure_figures(places: Places, inputs: FigureInputs, name: str) -> FigureFile:
    """Return the file of a figure table, building it, and the tables it derives from, only if need be."""
    from pipeline.figures.derived.build import build_derived

    path = places.store("figures", name, digest_of({"inputs": inputs.digest, "table": name}))
    table = TABLES[name]
    if path.exists():
        pass
    elif isinstance(table, CountedTable):
        _build_counted(inputs.db, inputs, table, path)
    else:
        parents = {parent: ensure_figures(places, inputs, parent).path for parent in table.parents}
        build_derived(table, inputs, parents, path)
    return FigureFile(name, path)


def _load(db: duckdb.DuckDBPyConnection, inputs: FigureInputs) -> None:
    """Create the relations `observation` and `bucket` over the store files, and `facts` of their tables."""
    found = inputs.observations
    sql.load_relations(db, [o.path for o in found], [o.buckets for o in found], often=True)
    if not found:
        db.execute(f"create temp table bucket ({', '.join(f'{c} {kind}' for c, kind in BUCKET_COLUMNS.items())})")
    db.execute(
        "create or replace temp table facts (disclosure varchar, table_id varchar, force varchar, complete varchar, "
        "evidence varchar, superseded_by varchar, caveats varchar[])"
    )
    seen = {
        (row[0], row[1]): row[2]
        for row in db.execute(
            "select disclosure, table_id, sum(count_min) from observation "
            "where kind = 'data' and part_no = 1 group by all"
        ).fetchall()
    }
    values = [
        (
            *facts.key,
            facts.disclosure.force,
            facts.complete(None if (count := seen.get(facts.key)) is None else int(count)),
            facts.terms.evidence,
            facts.superseded_by,
            [c.caveat_id for c in facts.caveats],
        )
        for facts in inputs.facts
    ]
    insert(db, "facts", values)


def _build_counted(db: duckdb.DuckDBPyConnection, inputs: FigureInputs, table: CountedTable, path: Path) -> None:
    db.execute(f"create or replace temp table cell as {sql.cells(table)}")
    _add_zeros(db, inputs, table)
    keys = ", ".join((*SCOPE, *table.dimensions))
    identity = sql.figure_id(table.name, (*SCOPE, *table.dimensions), "cell.synthetic")
    query = (
        f"select {identity} as id, force, {keys}, period_start, period_end, part, "
        "case when value_min = value_max then value_min end as value, value_min, value_max, n, "
        "case when n = 0 then 'zero by absence' "
        "when value_max is null then 'a count has no upper bound' "
        "when value_min <> value_max then 'a count is suppressed' end as reason, "
        "complete, evidence, cell.synthetic, superseded_by, caveats, observations "
        "from cell join facts using (disclosure, table_id) order by id"
    )
    with written(path) as temporary:
        copy_out(db, query, temporary)


def _add_zeros(db: duckdb.DuckDBPyConnection, inputs: FigureInputs, table: CountedTable) -> None:
    """Add cells of value 0 for records tables: declared platforms x covered period without a record.

    Only where nothing but platform and period parts the table: other dimensions declare no list of values, so
    what is missing there is unknown.
    """
    possible = [row for facts in inputs.facts for row in _possible_cells(inputs, facts, table)]
    if not possible:
        return
    names = ("disclosure", "table_id", "unit", "date_basis", "year_basis", *table.dimensions)
    db.execute(
        "create or replace temp table possible (disclosure varchar, table_id varchar, unit varchar, "
        f"date_basis varchar, year_basis varchar, {', '.join(f'{d} varchar' for d in table.dimensions)}, "
        "period_start date, period_end date, part boolean, synthetic boolean)"
    )
    insert(db, "possible", possible)
    # a platform that could not be read may be any of them: then nobody can say that one was absent
    same = [f"cell.{n} = possible.{n}" for n in names if n != "platform"]
    if "platform" in table.dimensions:
        same.append("cell.platform in (possible.platform, 'Unmapped', 'Conflict', 'Invalid')")
    db.execute(
        "insert into cell by name select possible.*, 0 as value_min, 0 as value_max, 0 as n, 0 as observations "
        f"from possible where not exists (select 1 from cell where {' and '.join(same)}) order by {', '.join(names)}"
    )


def _possible_cells(inputs: FigureInputs, facts: TableFacts, table: CountedTable) -> list[tuple[Any, ...]]:
    first = facts.extracts[0]
    if facts.covers is None or not may_have_zeros(facts, table):
        return []
    codes: list[tuple[str, ...]] = [()]
    if "platform" in table.dimensions:
        codes = [(code,) for label in first.searched_platforms for code in _platform_codes(label)]
    unit = "mentions" if first.unit == "crimes" and "platform" in table.dimensions else first.unit
    return [
        (
            *facts.key,
            unit,
            str(facts.terms.date_basis),
            basis,
            *code,
            b.code,
            b.start,
            b.end,
            b.part,
            first.synthetic,
        )
        for kind, basis in inputs.bases.get(facts.key, ())
        if kind == table.period_kind
        for code in dict.fromkeys(codes)
        for b in covering(facts.covers, basis)
    ]


def may_have_zeros(facts: TableFacts, table: CountedTable) -> bool:
    """Return True where a cell of `table` without a record is a count of nothing rather than unknown.

    That takes a whole records table which `table` counts, whose lines say their period, and for platforms a list of
    those that were asked for.
    """
    declared = {"platform", "year", "month"}
    shared = {d for e in facts.extracts for d in e.constant_dimensions} - {"period"}
    uncertain = {d for e in facts.extracts for d in e.terms.uncertain or ()}
    in_lines = set.intersection(*(set(e.dimensions_in_lines) for e in facts.extracts))
    needed = {"period" if d in {"year", "month"} else d for d in table.dimensions}
    return (
        facts.terms.layout == "records"
        and not facts.is_cut
        and set(table.dimensions) <= declared
        and needed <= in_lines
        and not needed & uncertain
        and not shared
    )


def _platform_codes(label: str) -> tuple[str, ...]:
    reading = platform(label)
    return getattr(reading, "codes", ()) if reading.status == "mapped" else ()


def read_figures(path: Path) -> list[dict[str, Any]]:
    """Return the figures of a file as dictionaries, in order of id."""
    with memory() as db:
        return rows(db.execute(f"from {parquet(path)} order by id"))
