"""Derived figures: made of counted figures, or null with the reason why they may not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipeline.figures import builder, sql
from pipeline.figures.catalogue import (
    CHARGE_RATE,
    COVERAGE,
    FIGURE_COLUMNS,
    FORCES_PLATFORM_YEAR,
    PERIOD_SUM,
    PLATFORM_SHARE,
    PRINTED,
    SCOPE,
    TABLES,
    YEAR_CHANGE,
    CountedTable,
    DerivedTable,
)
from pipeline.figures.facts import TableFacts
from pipeline.normalisation.forces import force_names
from pipeline.normalisation.offences import is_notifiable
from pipeline.normalisation.outcomes import outcome_flags
from pipeline.normalisation.reading import UNKNOWN
from pipeline.store.duck import copy_out
from pipeline.store.files import written
from pipeline.store.naming import slug

Figure = dict[str, Any]

CHANGE_BASE = 20
"""A change from a smaller count is not given: one case more would look like a trend."""


def percent(numerator: int, denominator: int) -> float:
    """Return 100 x numerator / denominator to one decimal, halves away from zero."""
    doubled = (abs(numerator) * 2000 + denominator) // (2 * denominator)
    return (doubled if numerator >= 0 else -doubled) / 10


def build_derived(table: DerivedTable, inputs: builder.FigureInputs, parents: Mapping[str, Path], path: Path) -> None:
    """Build the file of a derived figure table from the files of its parents."""
    if table is PRINTED:
        _write_query(inputs.db, path, _printed_sql())
        return
    figures = {name: builder.read_figures(parent) for name, parent in parents.items()}
    book = _Book(inputs.db, inputs, figures)
    _write_rows(inputs.db, path, table, sorted(_MAKERS[table.name](book), key=lambda f: f["id"]))


class _Book:
    """The parents at hand: figures by table, facts by table of a disclosure, lines of counts figures."""

    def __init__(self, db: Any, inputs: builder.FigureInputs, figures: dict[str, list[Figure]]) -> None:
        self.db = db
        self.inputs = inputs
        self.figures = figures
        self.facts: dict[tuple[str, str], TableFacts] = {f.key: f for f in inputs.facts}

    def facts_of(self, figure: Figure) -> TableFacts:
        return self.facts[(figure["disclosure"], figure["table_id"])]

    def cells(self, name: str) -> Iterator[list[Figure]]:
        """Yield the figures of each cell of a counted table, in order of time."""
        table = TABLES[name]
        if not isinstance(table, CountedTable):
            raise TypeError(f"{name} is not counted")
        keys = (*SCOPE, *(d for d in table.dimensions if d != table.period_kind))
        cells: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
        for figure in self.figures[name]:
            cells[tuple(figure[k] for k in keys)].append(figure)
        for cell in cells.values():
            yield sorted(cell, key=lambda f: (f["period_start"], f["period_end"]))

    def distinct_lines(self, parents: Sequence[Figure]) -> int:
        """Return how many source records are behind several parents.

        Records are in one period and one cell each, so theirs add up; one line of a wide table is in many.
        """
        if not parents or self.facts_of(parents[0]).terms.layout == "records":
            return sum(p["n"] for p in parents)
        lines = self.inputs.lines_of_counts
        return len(set().union(*(lines.get(p["id"], set()) for p in parents)))


def _derived(table: DerivedTable, parent: Figure, identity: str, **values: Any) -> Figure:
    """Return a derived figure in the scope of its parent; `values` override."""
    plain = parent["id"].removeprefix("synthetic/")
    figure = {name: parent.get(name) for name in _COMMON}
    figure |= {
        "id": ("synthetic/" if parent["synthetic"] else "") + f"{table.name}/{identity or plain}",
        "value": None,
        "value_min": None,
        "value_max": None,
        "reason": None,
        "of_table": plain.split("/")[0],
        "numerator": None,
        "denominator": None,
        "parents": [parent["id"]],
    }
    return figure | values


_COMMON = (*FIGURE_COLUMNS, "platform", "offence", "outcome", "age", "year", "month")


def _exactly(number: float | int) -> dict[str, Any]:
    return {"value": number, "value_min": number, "value_max": number}


def _year_changes(book: _Book) -> Iterator[Figure]:
    for name in YEAR_CHANGE.parents:
        for cell in book.cells(name):
            for earlier, later in pairwise(cell):
                if earlier["period_end"] == later["period_start"]:
                    yield _year_change(book, earlier, later)


def _year_change(book: _Book, earlier: Figure, later: Figure) -> Figure:
    reason = _incomparable(book, earlier, later)
    if reason is None and earlier["value"] < CHANGE_BASE:
        reason = f"base below {CHANGE_BASE}"
    given = {} if reason else _exactly(percent(later["value"] - earlier["value"], earlier["value"]))
    return _derived(
        YEAR_CHANGE,
        later,
        "",
        unit="percent",
        part=earlier["part"] or later["part"],
        numerator=later["value"],
        denominator=earlier["value"],
        n=book.distinct_lines([earlier, later]),
        reason=reason,
        parents=[earlier["id"], later["id"]],
        **given,
    )


def _incomparable(book: _Book, earlier: Figure, later: Figure) -> str | None:
    facts = book.facts_of(later)
    if facts.is_cut:
        return f"the table is cut ({later['complete']})"
    for figure in (earlier, later):
        if figure["part"]:
            return f"{_period_of(figure)} is a part year"
    if earlier["value"] is None or later["value"] is None:
        return "a count is not exact"
    for extract in facts.extracts:
        for pause in extract.terms.breaks or ():
            if earlier["period_start"] < pause.date < later["period_end"]:
                return f"recording changed on {pause.date}: {pause.text}"
    return None


def _period_of(figure: Figure) -> str:
    return str(figure.get("year") or figure.get("month"))


def _period_sums(book: _Book) -> Iterator[Figure]:
    for name in PERIOD_SUM.parents:
        for cell in book.cells(name):
            yield _period_sum(book, cell)


def _period_sum(book: _Book, cell: list[Figure]) -> Figure:
    run = _longest_run(cell)
    first, last = (run[0], run[-1]) if run else (cell[0], cell[-1])
    plain = last["id"].removeprefix("synthetic/").removesuffix("/" + _period_of(last))
    identity = f"{plain}/{_period_of(first)}--{_period_of(last)}"
    values: dict[str, Any] = {}
    reason = None
    if book.facts_of(last).is_cut:
        reason = f"the table is cut ({last['complete']})"
    elif len(run) < 2:
        reason = "fewer than two adjacent whole periods"
    else:
        low = sum(f["value_min"] for f in run)
        high = None if any(f["value_max"] is None for f in run) else sum(f["value_max"] for f in run)
        values = {"value": low if low == high else None, "value_min": low, "value_max": high}
        reason = None if low == high else "a count is not exact"
    parents = run or cell
    return _derived(
        PERIOD_SUM,
        last,
        identity,
        period_start=first["period_start"],
        part=any(f["part"] for f in parents),
        n=book.distinct_lines(parents),
        reason=reason,
        parents=[f["id"] for f in parents],
        **({"year": None, "month": None} | values),
    )


def _longest_run(cell: Iterable[Figure]) -> list[Figure]:
    """Return the longest run of adjacent whole periods, the latest of equally long ones."""
    best: list[Figure] = []
    run: list[Figure] = []
    for figure in cell:
        if figure["part"]:
            run = []
            continue
        run = [*run, figure] if run and run[-1]["period_end"] == figure["period_start"] else [figure]
        if len(run) >= len(best):
            best = run
    return best


def _charge_rates(book: _Book) -> Iterator[Figure]:
    outcomes = _by_year(book.figures["outcome_year"])
    both = _by_year(book.figures["offence_outcome_year"])
    for name in ("crimes_year", "offence_year"):
        for crimes in book.figures[name]:
            key = _year_key(crimes)
            cells = both.get(key) or outcomes.get(key)
            if cells is not None:
                offence = crimes.get("offence")
                yield _charge_rate(book, crimes, [c for c in cells if offence in (None, c.get("offence"))])


def _year_key(figure: Figure) -> tuple[Any, ...]:
    return tuple(figure[k] for k in (*SCOPE, "year"))


def _by_year(figures: Iterable[Figure]) -> dict[tuple[Any, ...], list[Figure]]:
    grouped: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        grouped[_year_key(figure)].append(figure)
    return grouped


def _charge_rate(book: _Book, crimes: Figure, cells: list[Figure]) -> Figure:
    """Return the charge rate of one cell of crimes; `cells` are its crimes by outcome (and offence)."""

    def total(keep: Callable[[Figure], bool]) -> int:
        return sum(c["value"] or 0 for c in cells if keep(c))

    def notifiable(cell: Figure) -> bool:
        return cell.get("offence") is None or is_notifiable(cell["offence"])

    def flags(cell: Figure) -> frozenset[str]:
        return outcome_flags(cell["outcome"])

    def counted(cell: Figure) -> bool:
        return notifiable(cell) and not flags(cell) & {"cancelled", "fraud"}

    uncertain = {d for e in book.facts_of(crimes).extracts for d in e.terms.uncertain or ()}
    with_outcome = sum(c["value"] or 0 for c in cells)
    base = total(counted)
    charged = total(lambda c: counted(c) and "charged" in flags(c))
    reason = None
    if crimes["unit"] != "crimes":
        reason = f"counts are {crimes['unit']}, not crimes"
    elif book.facts_of(crimes).is_cut:
        reason = f"the table is cut ({crimes['complete']})"
    elif crimes["part"]:
        reason = f"{_period_of(crimes)} is a part year"
    elif crimes["value"] is None or any(c["value"] is None for c in cells):
        reason = "a count is not exact"
    elif uncertain & {"offence", "outcome"}:
        reason = f"the column of {' and '.join(sorted(uncertain & {'offence', 'outcome'}))} cannot be proved"
    elif with_outcome != crimes["value"]:
        reason = f"outcomes are printed for {with_outcome:,} of {crimes['value']:,} crimes"
    elif base == 0:
        reason = "no notifiable crime to be charged"
    return _derived(
        CHARGE_RATE,
        crimes,
        "",
        unit="percent",
        numerator=charged,
        denominator=base,
        n=crimes["n"],
        reason=reason,
        parents=[crimes["id"], *(c["id"] for c in cells)],
        type_1_only=total(lambda c: counted(c) and c["outcome"] == "1"),
        not_yet_assigned=total(lambda c: counted(c) and "open" in flags(c)),
        no_outcome_printed=(crimes["value"] or 0) - total(lambda c: c["outcome"] != UNKNOWN),
        not_notifiable=total(lambda c: not notifiable(c)),
        cancelled=total(lambda c: notifiable(c) and "cancelled" in flags(c)),
        fraud=total(lambda c: notifiable(c) and "fraud" in flags(c)),
        **({} if reason else _exactly(percent(charged, base))),
    )


def _platform_shares(book: _Book) -> Iterator[Figure]:
    grouped = _by_year(book.figures["platform_year"])
    lines = _lines_with_a_platform(book)
    for key, figures in grouped.items():
        facts = book.facts_of(figures[0])
        if "platform" not in facts.extracts[0].dimensions_in_lines:
            continue
        mentions = [f for f in figures if f["platform"] != UNKNOWN]
        for figure in mentions:
            yield _platform_share(facts, figure, mentions, lines.get(key, 0))


def _lines_with_a_platform(book: _Book) -> dict[tuple[Any, ...], int]:
    table = TABLES["platform_year"]
    if not isinstance(table, CountedTable) or not book.inputs.observations:
        return {}
    keys = ", ".join((*SCOPE, "year"))
    query = (
        f"with {sql.covered(table)} select {keys}, count(distinct (extract_id, record_no)) from covered "
        "where platform <> ? group by all"
    )
    return {tuple(row[:-1]): row[-1] for row in book.db.execute(query, [UNKNOWN]).fetchall()}


def _platform_share(facts: TableFacts, figure: Figure, mentions: list[Figure], lines: int) -> Figure:
    base = sum(m["value"] or 0 for m in mentions)
    reason = None
    if facts.is_cut:
        reason = f"the table is cut ({figure['complete']})"
    elif figure["part"]:
        reason = f"{_period_of(figure)} is a part year"
    elif any(m["value"] is None for m in mentions):
        reason = "a count is not exact"
    elif base == 0:
        reason = "no mention of any platform"
    return _derived(
        PLATFORM_SHARE,
        figure,
        "",
        unit="percent",
        numerator=figure["value"],
        denominator=base,
        n=lines,
        reason=reason,
        parents=[m["id"] for m in mentions],
        **({} if reason else _exactly(percent(figure["value"], base))),
    )


def _forces_platform_years(book: _Book) -> Iterator[Figure]:
    candidates = [
        (book.facts_of(f).table.question, f)
        for f in book.figures["platform_year"]
        if book.facts_of(f).table.question and not f["synthetic"] and f["superseded_by"] is None
    ]
    groups: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
    for question, figure in candidates:
        keys = ("unit", "date_basis", "year_basis", "platform", "year")
        groups[(question, *(figure[k] for k in keys))].append(figure)
    for (question, *basis), figures in groups.items():
        yield _over_forces(book, str(question), basis, figures)


def _over_forces(book: _Book, question: str, basis: Sequence[str], figures: list[Figure]) -> Figure:
    forces = [f["force"] for f in figures]
    absent = list(_absent(book, question, forces))
    reason: str | None = None
    if twice := sorted({f for f in forces if forces.count(f) > 1}):
        reason = f"{', '.join(twice)} gave more than one table that overlap"
    elif any(book.facts_of(f).is_cut for f in figures):
        reason = "a table is cut"
    elif any(f["part"] for f in figures):
        reason = f"{_period_of(figures[0])} is a part year"
    elif any(f["value"] is None for f in figures):
        reason = "a count is not exact"
    elif len(forces) < 2:
        reason = f"only {forces[0]} answered on this basis"
    first = figures[0]
    return _derived(
        FORCES_PLATFORM_YEAR,
        first,
        "/".join((*(slug(part) for part in (question, *basis[:-1])), basis[-1])),
        force="several",
        disclosure="several",
        table_id=question,
        complete="yes" if not reason else "see reason",
        evidence=", ".join(sorted({f["evidence"] for f in figures})),
        n=sum(f["n"] for f in figures),
        reason=reason,
        parents=[f["id"] for f in figures],
        caveats=list(dict.fromkeys(c for f in figures for c in f["caveats"])),
        question=question,
        forces=[f"{f['force']}: {f['disclosure']}" for f in figures],
        absent=absent,
        **({} if reason else _exactly(sum(f["value"] for f in figures))),
    )


def _absent(book: _Book, question: str, forces: Sequence[str]) -> Iterator[str]:
    """Yield who was asked the same and is not in the figure, and why."""
    for disclosure in book.inputs.disclosures:
        for answer in disclosure.answers:
            if answer.question != question or disclosure.force in forces or is_made_up(disclosure.force):
                continue
            tables = [f for f in book.inputs.facts if f.disclosure.name == disclosure.name]
            answered = any(f.table.question == question for f in tables)
            why = (
                "answered on another basis"
                if answered
                else f"{answer.decision}, figures not held"
                if answer.decision in {"full", "partial", "unknown"}
                else answer.decision.replace("_", " ")
            )
            yield f"{disclosure.force}: {disclosure.name}, {why}"


def _coverages(book: _Book) -> Iterator[Figure]:
    held: dict[tuple[str, str], int] = defaultdict(int)
    for facts in book.inputs.facts:
        held[(facts.disclosure.name, facts.table.question or "")] += len(facts.extracts)
    asked: dict[str, set[str]] = defaultdict(set)
    for disclosure in book.inputs.disclosures:
        for answer in disclosure.answers:
            if not is_made_up(disclosure.force):
                asked[answer.question].add(disclosure.force)
            count = held[(disclosure.name, answer.question)]
            yield _coverage(disclosure.force, answer.question, disclosure.name) | {
                **_exactly(count),
                "decision": answer.decision,
                "holding": disclosure.holding,
                "exemptions": answer.exemptions,
                "complete": {"all": "yes"}.get(disclosure.holding, disclosure.holding),
                "period_start": disclosure.responded,
                "period_end": None,
            }
    everyone = sorted({d.force for d in book.inputs.disclosures if not is_made_up(d.force)})
    for question, forces in sorted(asked.items()):
        if len(forces) > 1:
            for force in everyone:
                if force not in forces:
                    yield _coverage(force, question, "none") | {"reason": "no answer to this question is known"}


def is_made_up(force: str) -> bool:
    """Return True where a force is invented."""
    return force_names()[force]


def _coverage(force: str, question: str, disclosure: str) -> Figure:
    reference = disclosure.split("/")[-1]
    prefix = "synthetic/" if is_made_up(force) else ""
    return {
        "id": f"{prefix}{COVERAGE.name}/{force}/{question}/{reference}",
        "force": force,
        "disclosure": disclosure,
        "table_id": question,
        "unit": "extracts",
        "date_basis": "unstated",
        "year_basis": "none",
        "part": False,
        "n": 0,
        "complete": "none",
        "evidence": "none",
        "synthetic": is_made_up(force),
        "superseded_by": None,
        "caveats": [],
        "question": question,
        "parents": [],
        "of_table": "",
    }


_MAKERS: dict[str, Callable[[_Book], Iterator[Figure]]] = {
    YEAR_CHANGE.name: _year_changes,
    PERIOD_SUM.name: _period_sums,
    CHARGE_RATE.name: _charge_rates,
    PLATFORM_SHARE.name: _platform_shares,
    FORCES_PLATFORM_YEAR.name: _forces_platform_years,
    COVERAGE.name: _coverages,
}

_COLUMNS: dict[str, str] = {
    **dict.fromkeys(
        [
            "id",
            "force",
            "disclosure",
            "table_id",
            "unit",
            "date_basis",
            "year_basis",
            "platform",
            "offence",
            "outcome",
            "age",
            "year",
            "month",
            "question",
        ],
        "varchar",
    ),
    "period_start": "date",
    "period_end": "date",
    "part": "boolean",
    "value": "bigint",
    "value_min": "bigint",
    "value_max": "bigint",
    "n": "bigint",
    **dict.fromkeys(["reason", "complete", "evidence"], "varchar"),
    "synthetic": "boolean",
    "superseded_by": "varchar",
    "caveats": "varchar[]",
    "of_table": "varchar",
    "numerator": "bigint",
    "denominator": "bigint",
    **dict.fromkeys(
        ["type_1_only", "not_yet_assigned", "no_outcome_printed", "not_notifiable", "cancelled", "fraud"],
        "bigint",
    ),
    "decision": "varchar",
    "holding": "varchar",
    "exemptions": "varchar[]",
    "forces": "varchar[]",
    "absent": "varchar[]",
    "parents": "varchar[]",
}

_OWN_COLUMNS: dict[str, tuple[str, ...]] = {
    YEAR_CHANGE.name: ("platform", "offence", "outcome", "age", "year", "numerator", "denominator"),
    PERIOD_SUM.name: ("platform", "offence", "outcome", "age"),
    CHARGE_RATE.name: (
        "offence",
        "year",
        "numerator",
        "denominator",
        "type_1_only",
        "not_yet_assigned",
        "no_outcome_printed",
        "not_notifiable",
        "cancelled",
        "fraud",
    ),
    PLATFORM_SHARE.name: ("platform", "year", "numerator", "denominator"),
    FORCES_PLATFORM_YEAR.name: ("question", "platform", "year", "forces", "absent"),
    COVERAGE.name: ("question", "decision", "holding", "exemptions"),
}
_ALWAYS = (*FIGURE_COLUMNS, "of_table", "parents")


def _write_rows(db: Any, path: Path, table: DerivedTable, figures: list[Figure]) -> None:
    wanted = [c for c in _COLUMNS if c in _ALWAYS or c in _OWN_COLUMNS[table.name]]
    kinds = {c: "double" if c.startswith("value") and table.unit == "percent" else _COLUMNS[c] for c in wanted}
    db.execute(f"create or replace temp table figure ({', '.join(f'{c} {k}' for c, k in kinds.items())})")
    if figures:
        import pyarrow as pa

        arrays = {c: [f.get(c) for f in figures] for c in wanted}
        db.register("figure_rows", pa.table({c: _array(pa, values, kinds[c]) for c, values in arrays.items()}))
        db.execute("insert into figure select * from figure_rows")
    _write_query(db, path, "from figure order by id")


def _array(pa: Any, values: list[Any], kind: str) -> Any:
    types = {
        "varchar": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "varchar[]": pa.list_(pa.string()),
    }
    return pa.array(values, types[kind])


def _write_query(db: Any, path: Path, query: str) -> None:
    with written(path) as temporary:
        copy_out(db, query, temporary)


def _printed_sql() -> str:
    """Return the query of `printed`: one figure for each printed cell of every table of counts."""
    basis = "coalesce(o.period_basis, 'none')"
    labels = ("period", "offence", "outcome", "platform", "age")
    printed_labels = ", ".join(f"o.{d}_label" for d in labels)
    part = "case when part_count > 1 then '.' || o.part_no else '' end"
    return (
        "select case when o.synthetic then 'synthetic/' else '' end || 'printed/' || "
        "o.extract_id || '/' || o.record_no || '/' || o.source_column || "
        f"{part} as id, f.force, o.disclosure, o.table_id, o.unit, o.date_basis, {basis} as year_basis, "
        f"{printed_labels}, o.other, o.printed, "
        "case o.kind when 'total' then 'control' else 'data' end as kind, "
        "o.period_start, o.period_end, false as part, "
        "case when o.count_min = o.count_max then o.count_min end as value, o.count_min as value_min, "
        "o.count_max as value_max, 1 as n, "
        "case when o.count_min is null then 'unknown: ' || o.count_rule "
        "when o.count_min is distinct from o.count_max then o.count_rule end as reason, "
        "f.complete, f.evidence, o.synthetic, f.superseded_by, f.caveats, o.extract_id, o.record_no, o.line_no, "
        "o.source_column, o.part_no "
        "from (select *, count(*) over (partition by extract_id, record_no, source_column) as part_count "
        "from observation where layout = 'counts') o join facts f using (disclosure, table_id) "
        "order by extract_id, record_no, source_column, part_no"
    )
