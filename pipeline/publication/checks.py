"""The checks: what must hold, and what a person should look at, before a release is published.

An ERROR stops publication; a WARN is shown. Verdicts are pure functions of the build, so they are kept in the store;
only the comparison with the last release is made anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from pipeline.figures.catalogue import COUNTED, DERIVED, TABLES
from pipeline.intake.manifest import Extract
from pipeline.intake.survey import FALLBACK
from pipeline.publication import second_count
from pipeline.publication.build import Build
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.duck import memory, parquet, rows
from pipeline.store.files import read_json, write_json
from pipeline.store.tables import row_count
from pipeline.store.withdrawals import withdrawn
from schemas.rules import BY_NAME, IMPLAUSIBLE

T = TypeVar("T")
Severity = Literal["WARN", "ERROR"]
_ROOMS = ("store", "intake", "validation", "normalisation", "figures", "lineage", "publication")
CODE = (*(f"pipeline/{room}" for room in _ROOMS), "schemas")
"""The code that decides what a release says and how it is checked; how it is shown is no reason for a new one."""

PERSONAL = "(personal, not shown)"
SHOWN = 50
"""Failing rows kept with a verdict; the full lists are in the release."""


@dataclass(frozen=True)
class Verdict:
    """The result of one check of one asset. `rows` are the first failing rows, `failed` how many there are."""

    asset: str
    check: str
    severity: Severity
    passed: bool
    message: str
    rows: tuple[dict[str, Any], ...] = ()
    failed: int = 0

    @property
    def name(self) -> str:
        """`<asset>.<check>`."""
        return f"{self.asset}.{self.check}"


@dataclass(frozen=True)
class CheckSpec:
    """A declared check: which asset it is of, and what it asks."""

    asset: str
    check: str
    severity: Severity
    description: str


SPECS = (
    CheckSpec(
        "source_records",
        "extracts_accepted",
        "ERROR",
        "No extract was refused. A refused new one is a warning; one that the last release contains stops publication.",
    ),
    CheckSpec("source_records", "files_declared", "WARN", "Every file in raw/ is named by a manifest."),
    CheckSpec(
        "source_records",
        "encoding_proved",
        "WARN",
        "Every encoding is declared or proved, none is a fallback.",
    ),
    CheckSpec("rejected_records", "none_rejected", "WARN", "No source record was rejected."),
    CheckSpec(
        "rejected_records",
        "values_plausible",
        "WARN",
        "No kept record has an unreadable age, a period outside what its table covers, a repeated reference, or the "
        "labels of another row of its table of counts.",
    ),
    CheckSpec("unmapped_labels", "labels_mapped", "WARN", "Every label is in the reference tables."),
    CheckSpec("observations", "schema", "ERROR", "Observations are as schemas/observation.py says."),
    CheckSpec(
        "observations",
        "lines_bear_out",
        "ERROR",
        "Each observation is what its line in the extract says, read again.",
    ),
    *[CheckSpec(name, "schema", "ERROR", "Figures are as schemas/figure.py says, each id once.") for name in TABLES],
    CheckSpec("ledger", "balances", "ERROR", "Every physical line and every cell is in exactly one class."),
    CheckSpec("controls", "agree", "WARN", "Printed totals and sister tables agree with what was read."),
    CheckSpec("recount", "same_figures", "ERROR", "An independent second count gives the same counted figures."),
    CheckSpec(
        "recount",
        "invariant",
        "ERROR",
        "Every covered observation is in exactly one cell of a figure table, or in one per code where it has several.",
    ),
)


@dataclass
class Findings:
    """What a check found: failing rows and what to say."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    failed: int | None = None
    good: str = "nothing to report"
    bad: str = ""


def verdicts(build: Build, asset: str) -> list[Verdict]:
    """Return the verdicts of all checks of one asset, reached only if that was not done before."""
    specs = [s for s in SPECS if s.asset == asset and s.check != "extracts_accepted"]
    if not specs:
        return []
    path = verdict_file(build, asset)
    if not path.exists():
        found = [_verdict(build, spec) for spec in specs]
        write_json(path, [asdict(v) for v in found])
    return [Verdict(**{**v, "rows": tuple(v["rows"])}) for v in read_json(path)]


def verdict_file(build: Build, asset: str) -> Path:
    """Return where the verdicts of an asset are kept."""
    key = {"inputs": build.inputs.digest, "code": code_digest(*CODE), "stray": build.raw.stray}
    return build.places.store("checks", asset, digest_of(key), ".json")


def all_verdicts(build: Build, published: frozenset[str]) -> list[Verdict]:
    """Return every verdict, in the order of SPECS. `published` are the extract ids of the release in force."""
    assets = dict.fromkeys(s.asset for s in SPECS)
    found = {v.name: v for asset in assets for v in verdicts(build, asset)}
    accepted = extracts_accepted(build, published)
    found[accepted.name] = accepted
    return [found[f"{s.asset}.{s.check}"] for s in SPECS]


def extracts_accepted(build: Build, published: frozenset[str]) -> Verdict:
    """Return the verdict on refusals: an ERROR where the last release contains what is now refused or gone."""
    accepted = {v.extract.extract_id for v in build.accepted}
    refused = {r.name for r in build.refusals}
    lost = sorted(published - accepted - withdrawn(build.places))
    failing = [
        {"extract": r.name, "in_last_release": _is_in(r.name, published), "reason": r.reason} for r in build.refusals
    ]
    failing += [
        {
            "extract": name,
            "in_last_release": True,
            "reason": f"{name}: found nothing in raw/; expected the extract that the last release contains; "
            "put its folder back, or go on without it: `foi rollback` to a release without it, then "
            "`foi refresh --resume`",
        }
        for name in lost
        if name not in refused and name.rsplit("/", 1)[0] not in refused
    ]
    message = f"{len(accepted)} extracts accepted"
    if failing:
        message = f"{len(failing)} refused or gone: " + "; ".join(str(f["extract"]) for f in failing[:5])
    return Verdict(
        "source_records",
        "extracts_accepted",
        "ERROR" if lost else "WARN",
        not failing,
        message,
        tuple(failing[:SHOWN]),
        len(failing),
    )


def _is_in(name: str, published: frozenset[str]) -> bool:
    """Return True where `name`, an extract or a whole disclosure, has an extract in the last release."""
    return name in published or any(p.startswith(f"{name}/") for p in published)


def _verdict(build: Build, spec: CheckSpec) -> Verdict:
    findings = _FINDERS[spec.check](build, spec.asset)
    failed = len(findings.rows) if findings.failed is None else findings.failed
    message = findings.good if failed == 0 else findings.bad or f"{failed} failing rows"
    shown = json.loads(json.dumps(findings.rows[:SHOWN], default=str))
    return Verdict(spec.asset, spec.check, spec.severity, failed == 0, message, tuple(shown), failed)


def _files_declared(build: Build, _: str) -> Findings:
    return Findings(
        [{"file": f, "remedy": "name it in disclosure.yaml or take it away"} for f in build.raw.stray],
        good="every file is named by a manifest",
        bad="files that no manifest names",
    )


def _encoding_proved(build: Build, _: str) -> Findings:
    found = [
        {
            "extract": v.extract.extract_id,
            "read_as": v.source.account["encoding"],
            "because": v.source.account["encoding_by"],
        }
        for v in build.accepted
        if v.source.account["encoding_by"] == FALLBACK
    ]
    return Findings(found, good="every encoding is declared or proved", bad="read as cp1252 because not UTF-8")


def _none_rejected(build: Build, _: str) -> Findings:
    found = [
        {
            **_place(build, row),
            "rule": row["rule"],
            "line": row["line_no"],
            "record": row["record_no"],
            "found": row["value"],
            "expected": row["expected"],
            "remedy": BY_NAME[row["rule"]].remedy,
        }
        for row in _listed(
            [v.rejected for v in build.accepted],
            "select extract_id, line_no, record_no, rule, column_name, value, expected from listed "
            f"order by extract_id, record_no, rule limit {SHOWN}",
        )
    ]
    total = sum(v.report["rejected"] for v in build.accepted)
    extracts = sum(1 for v in build.accepted if v.report["rejected"])
    bad = f"{total} records rejected in {extracts} extracts"
    return Findings(_not_personal(build, found, "found"), total, "no record rejected", bad)


def _values_plausible(build: Build, _: str) -> Findings:
    flagged = _listed(
        [v.flagged for v in build.accepted],
        "select extract_id, rule, column_name, value, count(*) as records, min(line_no) as first_line, "
        f"(sum(count(*)) over ())::bigint as total from listed where rule in {IMPLAUSIBLE} "
        f"group by all order by extract_id, records desc, value limit {SHOWN}",
    )
    found = [
        {
            **_place(build, row),
            "rule": row["rule"],
            "first_line": row["first_line"],
            "records": row["records"],
            "value": row["value"],
            "expected": BY_NAME[row["rule"]].expected,
            "remedy": BY_NAME[row["rule"]].remedy,
        }
        for row in flagged
    ]
    total = flagged[0]["total"] if flagged else 0
    bad = f"{total} records kept with an implausible value"
    return Findings(_not_personal(build, found, "value"), total, "nothing implausible", bad)


def _labels_mapped(build: Build, _: str) -> Findings:
    labels = _listed(
        [o.labels for o in build.observations],
        "select extract_id, dimension as column_name, dimension, label, status, n, first_line, "
        "count(*) over () as total from listed where status not in ('mapped', 'unknown') "
        f"order by n desc, extract_id, dimension, label limit {SHOWN}",
    )
    found = [
        {
            **_place(build, row),
            **{name: row[name] for name in ("first_line", "dimension", "label", "status", "n")},
            "remedy": "`foi labels suggest` has candidates",
        }
        for row in labels
    ]
    total = labels[0]["total"] if labels else 0
    bad = f"{total} labels are in no reference table"
    return Findings(_not_personal(build, found, "label"), total, "every label is mapped", bad)


def _place(build: Build, row: dict[str, Any]) -> dict[str, Any]:
    """Return where a listed record or label stands: its extract, its file and the column as printed."""
    source = next(v.source for v in build.accepted if v.extract.extract_id == row["extract_id"])
    position = source.account["columns"].get(row["column_name"])
    return {
        "extract": row["extract_id"],
        "file": source.extract.path.relative_to(build.places.raw).as_posix(),
        "column": row["column_name"] if position is None else source.header_of(position),
    }


def _listed(paths: Sequence[Path], query: str) -> list[dict[str, Any]]:
    """Return the rows of a query over the relation `listed`, store files of one layer; none where there are none."""
    if not paths:
        return []
    with memory() as db:
        return rows(db.execute(f"with listed as (from {parquet(*paths)}) {query}"))


def _not_personal(build: Build, found: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """Return rows with the value in `column` hidden where it is from an extract about persons."""
    personal = {v.extract.extract_id for v in build.accepted if _is_personal(v.extract)}
    return [row | {column: PERSONAL} if row["extract"] in personal else row for row in found]


def _is_personal(extract: Extract) -> bool:
    return extract.terms.sensitivity == "record_personal"


def _observation_schema(build: Build, _: str) -> Findings:
    """Validate the distinct rows of all columns that say more than where a row stands; rules need no more."""
    from schemas.observation import Observation

    places = ("record_no", "line_no", "lines", "reference", "printed")
    firsts = ", ".join(f"any_value({name}) as {name}" for name in places)
    query = f"select {firsts}, * exclude ({', '.join(places)}) from observation group by all"
    found = _grouped(_cases(Observation, _frame(build.inputs.db, query))) if build.observations else []
    return Findings(found, None, "all as the schema says", "observations that break the schema")


def _lines_bear_out(build: Build, _: str) -> Findings:
    found: list[str] = []
    ledgers = {entry.extract_id: {**entry.lines, **entry.cells} for entry in build.ledgers}
    for v, o in zip(build.accepted, build.observations, strict=True):
        name = v.extract.extract_id
        differences = [f"{name}, {words}" for words in second_count.line_differences(build, v, o, ledgers[name])]
        if differences and _is_personal(v.extract):
            differences = [f"{name}: {len(differences)} differences {PERSONAL}"]
        found += differences
    n = second_count.records(build)
    of_each = f"{second_count.RUNS} runs of {second_count.RUN} records of each extract, of {n} in all,"
    good = f"{n} records read again" if n <= second_count.BLOCKING else f"{of_each} read again"
    return Findings([{"difference": f} for f in found], None, good, "lines say otherwise")


def _figure_schema(build: Build, asset: str) -> Findings:
    cases = _once(build, _figure_cases)
    good = f"{row_count(build.figures(asset).path)} figures as the schema says"
    found = _grouped(case for case in cases if case["table"] in {asset, None})
    return Findings(found, None, good, "figures that break the schema")


def _figure_cases(build: Build) -> list[dict[str, Any]]:
    """Return the failing cases of all figure tables; they are validated as one, which costs as much as one of them."""
    from schemas.figure import COMMON, Figure

    columns = ", ".join(f"{c}::double as {c}" if c in {"value", "value_min", "value_max"} else c for c in COMMON)
    parts = (f"select '{n}' as of_table, {columns} from {parquet(f.path)}" for n, f in build.all_figures().items())
    with memory() as db:
        frame = _frame(db, " union all ".join(parts))
    tables = frame.pop("of_table")
    cases = _cases(Figure, frame) if len(frame) else []
    return [case | {"table": None if case["row"] is None else tables[case["row"]]} for case in cases]


def _same_figures(build: Build, _: str) -> Findings:
    again = figures_again(build)
    n = {name: len(figures) for name, figures in again.figures.items()}
    good = f"{sum(n[t.name] for t in COUNTED)} figures counted again, {sum(n[t.name] for t in DERIVED)} derived again"
    if not again.whole:
        whole = sum(row_count(file.path) for file in build.all_figures().values())
        good += f": a sample of {whole}, since there are more than {second_count.BLOCKING} records"
    return Findings([{"difference": f} for f in again.differences], None, good, "the second count differs")


def _invariant(build: Build, _: str) -> Findings:
    again = second_count.coverage(build)
    sums = (
        f"select '{table.name}', disclosure, table_id, year_basis, sum(observations) as n from "
        f"{parquet(build.figures(table.name).path)} group by all having n > 0"
        for table in COUNTED
    )
    with memory() as db:
        published = {tuple(row[:4]): int(row[4]) for row in db.execute(" union all ".join(sums)).fetchall()}
    found = [
        {
            "figure_table": k[0],
            "disclosure": k[1],
            "table": k[2],
            "year_basis": k[3],
            "in_cells": published.get(k, 0),
            "covered": again.get(k, 0),
        }
        for k in sorted(again.keys() | published.keys())
        if published.get(k, 0) != again.get(k, 0)
    ]
    good = f"{sum(again.values())} observations in cells of {len({k[1:3] for k in again})} tables"
    return Findings(found, None, good, "observations in no cell or in too many")


def figures_again(build: Build) -> second_count.CountedAgain:
    """Return the independent second count; done once for one build's inputs."""
    return _once(build, second_count.figures_again)


_done: dict[Callable[[Build], Any], tuple[tuple[str, Path], Any]] = {}


def _once(build: Build, what: Callable[[Build], T]) -> T:
    """Return what a function gives for a build, reached once for the same inputs; only the last inputs are kept."""
    key = (build.inputs.digest, build.places.warehouse)
    if what not in _done or _done[what][0] != key:
        _done[what] = (key, what(build))
    found: T = _done[what][1]
    return found


def _balances(build: Build, _: str) -> Findings:
    found = [{"extract": entry.extract_id, "account": entry.words} for entry in build.ledgers if not entry.balances]
    lines = sum(entry.file_lines for entry in build.ledgers)
    return Findings(found, None, f"all {lines} lines accounted for", "lines or cells left over")


def _agree(build: Build, _: str) -> Findings:
    found = [asdict(c) for c in build.controls if c.verdict not in {"agrees", "consistent"}]
    agree = sum(c.verdict == "agrees" for c in build.controls)
    return Findings(
        found,
        None,
        f"{agree} of {len(build.controls)} controls agree, the rest allow it",
        "controls that do not agree",
    )


_FINDERS: dict[str, Callable[[Build, str], Findings]] = {
    "files_declared": _files_declared,
    "encoding_proved": _encoding_proved,
    "none_rejected": _none_rejected,
    "values_plausible": _values_plausible,
    "labels_mapped": _labels_mapped,
    "lines_bear_out": _lines_bear_out,
    "schema": lambda build, asset: (_observation_schema if asset == "observations" else _figure_schema)(build, asset),
    "same_figures": _same_figures,
    "invariant": _invariant,
    "balances": _balances,
    "agree": _agree,
}


def _frame(db: Any, query: str) -> Any:
    """Return a query's rows as a pandas frame with pyarrow strings, as the models expect them."""
    import pandas as pd

    table = db.execute(query).to_arrow_table()
    frame = table.to_pandas(date_as_object=False, integer_object_nulls=False, types_mapper=_types(pd))
    return frame


def _types(pd: Any) -> Callable[[Any], Any]:
    import pyarrow as pa

    known = {
        pa.string(): pd.StringDtype("pyarrow"),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    return known.get


def _cases(model: Any, frame: Any) -> list[dict[str, Any]]:
    """Return the failing cases of a Pandera model as {row, column, rule, value}.

    `row` is the place in the frame, None where the frame as a whole fails, as one that lacks a column does.
    """
    from pandera.errors import SchemaErrors

    try:
        model.validate(frame, lazy=True)
    except SchemaErrors as errors:
        return [
            {
                "row": None if case["index"] is None or case["index"] != case["index"] else int(case["index"]),
                "column": str(case["column"]),
                "rule": str(case["check"]),
                "value": str(case["failure_case"]),
            }
            for case in errors.failure_cases.to_dict("records")
        ]
    return []


def _grouped(cases: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return failing cases by column and rule, with some of their values and how many there are."""
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case in cases:
        grouped[(case["column"], case["rule"])].append(case["value"])
    return [
        {"column": column, "rule": rule, "values": ", ".join(values[:5]), "n": len(values)}
        for (column, rule), values in grouped.items()
    ]


def failed_errors(found: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that stop publication."""
    return [v for v in found if not v.passed and v.severity == "ERROR"]
