"""A small raw/ with every dimension as plain data, what the pipeline makes of it, and what of that differs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from pipeline.figures.catalogue import COUNTED, TABLES
from pipeline.lineage import columns
from pipeline.store.duck import memory, parquet, rows
from pipeline.store.places import Places
from schemas.columns import OBSERVATION
from tests.disclosures import Raw

Row = dict[str, Any]
Name = tuple[str, str]

LABELS = {
    "platform": ("TikTok", "Facebook", "Facebook, TikTok"),
    "offence": ("8L", "Stalking", "s127", "Harassment"),
    "outcome": ("1", "1A", "19", "Cancelled", "Not yet assigned"),
    "age": ("13", "16-17", "Unknown", "60+"),
    "year": ("2019", "2020", "2021", "April 2021 to March 2022", "April 2022 to March 2023"),
    "month": ("2020-01", "2020-02", "2020-03", "2020-04", "2020-05"),
}
"""Labels of the base, unequally often; manifests say that 2021 ended in June and May 2020 on the 15th."""

UNSEEN = {
    "platform": "Snapchat",
    "offence": "Threats to kill",
    "outcome": "Arrested and charged",
    "age": "-1",
    "other:area": "West",
    "reference": "R0",
}
"""Labels that stand in no line until a perturbation writes one."""

YEARS = {"basis": "calendar", "start": "2019-01-01", "end": "2023-03-31"}
MONTHS = {"basis": "month", "start": "2019-01-01", "end": "2021-06-30"}
HEADERS = {
    name: name.capitalize()
    for name in ("platform", "offence", "outcome", "age", "period", "mentions", "reference", "count")
}


@dataclass
class File:
    """One extract file: rows by canonical name, each column under its header, `Spare` beside them."""

    rows: list[Row]
    columns: list[str]
    extra_lines: dict[int, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return the file as CSV, each extra line before the row of its number."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([header(c) for c in self.columns])
        for number, row in enumerate(self.rows):
            out.write(self.extra_lines.get(number, ""))
            writer.writerow([row[c] for c in self.columns])
        return out.getvalue()


def header(column: str) -> str:
    return HEADERS.get(column, column.rsplit(":", 1)[-1].capitalize())


@dataclass
class Disclosed:
    """One disclosure: its force and reference, what its manifest says of it, its tables and its files."""

    force: str
    reference: str
    tables: list[dict[str, Any]]
    files: dict[str, File]
    manifest: dict[str, Any] = field(default_factory=dict)


Case = list[Disclosed]


def table(identity: str, layout: str, *files: str, **terms: Any) -> dict[str, Any]:
    """Return a table whose extracts have the columns of their files; `columns` is filled in when it is written."""
    own: dict[str, Any] = {"id": identity, "layout": layout, "extracts": [{"file": f} for f in files]}
    own |= {"record_is": "crime", "covers": dict(MONTHS)} if layout == "records" else {}
    own |= {"unit": "crimes", "blank": "unknown", "covers": dict(YEARS)} if layout == "counts" else {}
    if layout == "counts":
        own["markers"] = {
            "Total": {"kind": "total"},
            "*": {"kind": "suppressed", "min": 1, "max": 4},
            "31 (2 twice)": {"kind": "number", "parts": [{"value": 31}, {"value": 2, "population": "twice"}]},
        }
    return own | deepcopy(terms)


def records() -> File:
    """Return 48 records, every label unequally often, month by month through two years."""
    found = [
        {
            "period": f"20{19 + number // 24}-{number // 2 % 12 + 1:02d}",
            "offence": LABELS["offence"][(number % 9) % 4],
            "outcome": LABELS["outcome"][(number % 11) % 5],
            "platform": LABELS["platform"][(number % 5) % 3],
            "age": LABELS["age"][(number % 13) % 4],
            "reference": f"R{number}",
            "other:area": ("North", "South")[number % 2],
            "spare": f"S{number % 3}",
        }
        for number in range(48)
    ]
    return File(found, list(found[0]))


def counts(*dimensions: str, first: int = 21, step: int = 7) -> File:
    """Return printed counts by some dimensions, `first` + `step` x square of their number.

    Where these are unequal, one is suppressed, one blank, one of two parts, and one of a cell that has one already.
    """
    found: list[Row] = []
    labels = (LABELS[d][: {"platform": 3, "offence": 3, "age": 3}.get(d)] for d in dimensions)
    for number, cell in enumerate(product(*labels)):
        row: Row = dict(zip((_CANONICAL.get(d, d) for d in dimensions), cell, strict=True))
        found.append(row | {"count": str(first + step * number * number), "spare": f"S{number % 2}"})
    if step:
        for place, text in ((-1, "31 (2 twice)"), (-2, "*"), (-3, "")):
            found[place]["count"] = text
        found.append(found[0] | {"count": "5"})
    return File(found, list(found[0]))


def without_last_year(file: File) -> File:
    """Return a file without the rows of the last year."""
    return File([row for row in file.rows if row["period"] != LABELS["year"][-1]], file.columns)


_CANONICAL = {"month": "period", "year": "period"}


def wide() -> File:
    """Return printed counts with the years side by side."""
    found = [{"offence": label, "2019": str(30 + n), "2020": str(45 * n + 1)} for n, label in enumerate(("8L", "s127"))]
    return File(found, ["offence", "2019", "2020"])


def every_dimension() -> File:
    """Return printed counts with every dimension, which no figure table counts, in no order of any."""
    found = [
        {
            "period": LABELS["year"][n % 4],
            "offence": LABELS["offence"][n % 4],
            "outcome": LABELS["outcome"][n % 5],
            "platform": LABELS["platform"][n // 2 % 3],
            "age": LABELS["age"][n // 3 % 4],
            "other:area": ("North", "South")[n % 2],
            "count": str(10 + n),
            "spare": "S",
        }
        for n in range(12)
    ]
    return File(found, list(found[0]))


JUNE = {"2021": {"start": "2021-01-01", "end": "2021-06-30"}}


def tables_of_counts() -> tuple[list[dict[str, Any]], dict[str, File]]:
    """Return one table of counts for each counted table, and those that feed charge rates; some once more, cut."""
    groups: dict[str, dict[str, File]] = {t.name.replace("_", "-"): {"": counts(*t.dimensions)} for t in COUNTED}
    groups["charged"] = {
        "all": counts("year", first=90, step=0),
        "outcome": counts("outcome", "year", first=18, step=0),
    }
    groups["charged-offence"] = {
        "offence": counts("offence", "year", first=60, step=0),
        "both": counts("offence", "outcome", "year", first=12, step=0),
    }
    tables: list[dict[str, Any]] = []
    files: dict[str, File] = {}
    for name, parts in groups.items():
        for cut in (False, True)[: 2 if name in {"platform-year", "charged", "charged-offence"} else 1]:
            named = {f"{name}{'-cut' * cut}-{part}.csv".replace("-.", "."): deepcopy(f) for part, f in parts.items()}
            terms: dict[str, Any] = {"search": {"method": "by hand"}}
            terms |= {"complete": "cut", "known_total": {"value": 900_000}} if cut else {}
            if name.endswith("month"):
                terms["covers"] = {"basis": "month", "start": "2020-01-01", "end": "2020-05-15"}
            else:
                terms["period_labels"] = JUNE
            tables.append(table(f"{name}{'-cut' * cut}", "counts", *named, **terms))
            files |= named
    return tables, files


def small_tables() -> tuple[list[dict[str, Any]], dict[str, File]]:
    """Return the tables that have one thing of their own: a basis, a constant, columns side by side, a search."""
    cells = (("8L", "2019"), ("8L", "2020"), ("Stalking", "2021"))
    files = {
        "april.csv": rows_file({"period": "2020/21", "count": "40"}, {"period": "2021/22", "count": "50"}),
        "part-only.csv": rows_file(*({"offence": label, "period": year, "count": "8"} for label, year in cells)),
        "one-year.csv": rows_file({"offence": "8L", "count": "4"}, {"offence": "Stalking", "count": "5"}),
        "wide.csv": wide(),
        "every.csv": every_dimension(),
        "searched.csv": counts("year"),
        "said.csv": counts("year"),
    }
    april = {"basis": "tax", "start": "2020-04-06", "end": "2022-04-05"}
    side = {"dimension": "period", "columns": [{"at": 2, "label": "2019"}, {"at": 3, "label": "2020"}]}
    tables = [
        table("april", "counts", "april.csv", covers=april, unit="arrests"),
        table("part-only", "counts", "part-only.csv", period_labels=JUNE),
        table("one-year", "counts", "one-year.csv", constants={"period": {"value": "2019"}}),
        table("wide", "counts", "wide.csv", wide=side),
        table("every", "counts", "every.csv", period_labels=JUNE),
        table("searched", "counts", "searched.csv", search={"terms": [{"text": "x", "platform": "TikTok"}]}),
        table("said", "counts", "said.csv", constants={"offence": {"value": "8L"}}),
    ]
    return tables, files


def tables_of_records() -> tuple[list[dict[str, Any]], dict[str, File]]:
    """Return records with every dimension, and some with platforms searched for, which have zeros by absence."""
    plain = rows_file(*({"period": r["period"], "platform": r["platform"]} for r in records().rows))
    two = rows_file(*({"period": month, "platform": "TikTok"} for month in ("2020-01", "2020-02")))
    covers = {"basis": "month", "start": "2019-04-01", "end": "2021-01-10"}
    tables = [
        table("records", "records", "records.csv"),
        table("told", "records", "told.csv", sensitivity="record_personal"),
        table("plain", "records", "plain.csv", search=searched("TikTok", "Facebook")),
        table("dense", "records", "dense.csv", covers=covers, search=searched("TikTok")),
        table("sparse", "records", "sparse.csv", covers=covers, search=searched("TikTok", "Facebook")),
    ]
    told = rows_file(*({"period": r["period"], "mentions": f"sent on {r['platform']}"} for r in records().rows))
    return tables, {
        "records.csv": records(),
        "told.csv": told,
        "plain.csv": plain,
        "dense.csv": two,
        "sparse.csv": deepcopy(two),
    }


def searched(*platforms: str) -> dict[str, Any]:
    return {"combine": "each", "terms": [{"text": p, "platform": p} for p in platforms]}


def rows_file(*found: Row) -> File:
    return File(list(found), list(found[0]))


def asked(question: str, decision: str = "full", **more: Any) -> dict[str, Any]:
    return {"question": question, "decision": decision, **more}


def case() -> Case:
    """Return the raw/ that every perturbation starts from."""
    tables: list[dict[str, Any]] = []
    files: dict[str, File] = {}
    for some, of_files in (tables_of_counts(), small_tables(), tables_of_records()):
        tables += some
        files |= of_files
    for said in tables:
        if said["id"].startswith("platform-year"):
            said["question"] = "mass-cut" if said["id"].endswith("cut") else "mass"
    both = [asked("mass"), asked("mass-cut")]
    late = [{"id": "late", "text": "Late entries are missing."}]
    of_main = {"responded": "2024-05-01", "holding": "all", "answers": both, "caveats": late}
    terms: dict[str, Any] = {"period_labels": JUNE, "evidence": "press_compiled"}
    of_other = [
        table("q1", "counts", "q1.csv", question="mass", **terms),
        table("q2", "counts", "q2.csv", question="mass-cut", complete="cut", **terms),
    ]
    printed = counts("platform", "year", first=40)
    mixed = {f"mixed-{number:02d}.csv": counts(*t.dimensions) for number, t in enumerate(COUNTED)}
    mixed["mixed-every.csv"] = every_dimension()
    seen = table("mixed", "counts", *mixed, complete="cut", known_total={"value": 900_000}, period_labels=JUNE)
    refused = {"decision": "refused", "holding": "part", "answers": [asked("mass", "refused")]}
    return [
        Disclosed("dorset", "TEST/1", tables, files, of_main),
        Disclosed(
            *("avon-and-somerset", "TEST/2", of_other),
            {"q1.csv": printed, "q2.csv": without_last_year(printed)},
            {"responded": "2024-06-01", "answers": both},
        ),
        Disclosed("cleveland", "TEST/3", [], {}, refused),
        Disclosed("dorset", "TEST/0", [seen | {"search": {"method": "by hand"}}], mixed),
    ]


def write(raw: Raw, disclosures: Case) -> None:
    """Write the disclosures into raw/; columns that a manifest does not say are those of its files."""
    for disclosed in deepcopy(disclosures):
        for said in disclosed.tables:
            swapped = said.pop("columns", {})
            for extract in said["extracts"]:
                file = disclosed.files[extract["file"]]
                side = {c["label"] for c in said["wide"]["columns"]} if "wide" in said else set()
                names = [c for c in file.columns if c not in side]
                parts = {c: header(swapped.get(c, c)) for c in names if c != "spare"}
                extract["columns"] = parts
                extract["ignored"] = [h for h in map(header, names) if h not in parts.values()]
        files: dict[str, bytes | str] = {name: file.text() for name, file in disclosed.files.items()}
        raw.add(disclosed.tables, files, disclosed.force, disclosed.reference, **disclosed.manifest)


Content = dict[str, list[Row]]
"""The rows of the observations and of every figure table, in order."""


def built(folder: Path, warehouse: Path, disclosures: Case) -> Content:
    """Return what the pipeline makes of the disclosures; raises AssertionError where it refuses one."""
    raw = Raw(Places.of(folder, warehouse))
    write(raw, disclosures)
    build = raw.build()
    assert not build.refusals, [r.reason for r in build.refusals]
    with memory() as db:
        content = {name: rows(db.execute(f"from {parquet(build.figures(name).path)} order by id")) for name in TABLES}
    query = f"select {', '.join(OBSERVATION)} from observation order by extract_id, record_no, source_column, part_no"
    content["observations"] = rows(build.inputs.db.execute(query))
    return content


def changed(before: Content, after: Content) -> Iterator[Name]:
    """Yield the columns that differ.

    A column differs where a row that is there before and after has another value in it, or where the rows of a table
    of a disclosure that came or went brought a value that was not in it, or took the last of one. Figures are the same
    row by id; observations and printed cells by their place: which record of which extract, and which of its cells and
    counts. What is declared to be the same in every row of a table comes and goes with the rows.
    """
    for asset, rows_before in before.items():
        rows_after, declared = after[asset], columns.assets()[asset]
        keyed = [
            _by_place(found) if "record_no" in found[0] else {row["id"]: row for row in found}
            for found in (rows_before, rows_after)
        ]
        pairs = [(row, keyed[1][key]) for key, row in keyed[0].items() if key in keyed[1]]
        for name in rows_before[0]:
            others = bool(declared[name].sources) and _values(rows_before, rows_after, name)
            if others or any(a[name] != b[name] for a, b in pairs):
                yield asset, name


def _by_place(observations: list[Row]) -> dict[Any, Row]:
    extracts = list(dict.fromkeys(row["extract_id"] for row in observations))
    records = {e: sorted({r["record_no"] for r in observations if r["extract_id"] == e}) for e in extracts}
    return {
        (
            extracts.index(row["extract_id"]),
            records[row["extract_id"]].index(row["record_no"]),
            row["source_column"],
            row["part_no"],
        ): row
        for row in observations
    }


def _values(before: list[Row], after: list[Row], name: str) -> bool:
    """Return True where a table that is there before and after has other values in a column.

    Of all tables together, where none of them is the same one. Figures over forces and of coverage are in no table.
    """
    seen = [{(_table(row), str(row[name])) for row in found} for found in (before, after)]
    tables = {table for table, _ in seen[0]} & {table for table, _ in seen[1]}
    values = [{(t if tables else None, v) for t, v in found if t in tables or not tables} for found in seen]
    return bool(values[0] != values[1])


def _table(row: Row) -> tuple[str, ...]:
    if "decision" in row:
        return ()
    return (row["disclosure"],) if "question" in row else (row["disclosure"], row["table_id"])
