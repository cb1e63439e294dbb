"""Normalising one large extract against DuckDB's own load of the same file, alternately in one run.

Run: `.venv/bin/python -m benchmarks.normalisation [RECORDS] [ROUNDS]` (10,000,000 and 3). Of the extract's columns five
have 40 to 120 distinct labels each, taken from the reference tables where there are such, and one is a reference of its
own in every line. Each measurement is a process of its own, with wall time and peak memory; ratios are to the
`create table as select * from read_csv(...)` right before it.

- `observations`: a process that makes the layer: start of Python, imports, look at raw/, and the layer itself
- `nothing to do`: the same process where the observations are there
- `normalising`: what of `observations` is making the layer. Source layer and verdicts are there; labels are counted and
  read, their codes found, and the files of the layer written and synced
- the cells of figure tables, counted from the layer within one process
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import duckdb
import yaml

from benchmarks.commands import ROOT, Command
from pipeline.normalisation.offences import offence_labels
from pipeline.normalisation.outcomes import outcome_labels
from pipeline.normalisation.platforms import platform_labels

BAR = 0.3
COLUMNS = {
    "reference": "Crime reference",
    "period": "Month",
    "offence": "Offence",
    "platform": "Platform",
    "age": "Victim age",
    "outcome": "Status",
}
_ROWS = """
select 'CR/' || lpad(i::varchar, 8, '0') as "Crime reference",
       strftime(date '2020-01-01' + (hash(i) % 1800)::int, '%b-%y') as "Month",
       $offences[1 + (hash(i * 7) % len($offences))::int] as "Offence",
       $platforms[1 + (hash(i * 11) % len($platforms))::int] as "Platform",
       (hash(i * 13) % 80 + 5)::varchar as "Victim age",
       $outcomes[1 + (hash(i * 17) % len($outcomes))::int] as "Status"
from range($records) rows(i)
"""
_LOAD = """
import sys, duckdb
duckdb.connect(sys.argv[1]).execute(f"create table t as select * from read_csv('{sys.argv[2]}')")
"""
_ACCEPTED = """
import sys
from pathlib import Path
from benchmarks.normalisation import disclosure
from pipeline.publication.build import Build
from pipeline.store.places import Places
raw, warehouse, records = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
disclosure(raw, records)
(accepted,) = Build.of(Places.of(raw, warehouse)).accepted
"""
_OBSERVATIONS = """
import json, sys
from pathlib import Path
from time import perf_counter
from pipeline.figures import sql
from pipeline.figures.catalogue import TABLES
from pipeline.publication.build import Build
from pipeline.store.places import Places

build = Build.of(Places.of(*sys.argv[1:3]))
build.accepted
start = perf_counter()
build.observations
spent = {"normalising": perf_counter() - start}
for name in sys.argv[4:]:
    start = perf_counter()
    build.inputs.db.execute(sql.cells(TABLES[name])).fetchall()
    spent[name] = perf_counter() - start
Path(sys.argv[3]).write_text(json.dumps(spent))
"""
FIGURES = ("platform_month", "offence_outcome_year", "crimes_year")


def disclosure(raw: Path, records: int) -> None:
    """Write a disclosure of one extract of so many records."""
    folder = raw / "exampleshire" / "large"
    folder.mkdir(parents=True)
    file = folder / "records.csv"
    labels = {
        "offences": sorted({row.label for row in offence_labels().rows if '"' not in row.label})[:100],
        "platforms": sorted({row.label for row in platform_labels().rows if '"' not in row.label})[:120],
        "outcomes": sorted({row.label for row in outcome_labels().rows if '"' not in row.label})[:120],
    }
    db = duckdb.connect()
    for name, values in labels.items():
        db.execute(f"set variable {name} = ?", [values])
    rows = _ROWS.replace("$records", str(records))
    for name in labels:
        rows = rows.replace(f"${name}", f"getvariable('{name}')")
    db.execute(f"copy ({rows}) to '{file}' (header)")
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    table = {
        "id": "records",
        "layout": "records",
        "record_is": "crime",
        "evidence": "synthetic",
        "columns": COLUMNS,
        "covers": {"basis": "calendar", "start": "2020-01-01", "end": "2024-12-31"},
        "extracts": [{"file": "records.csv", "sha256": sha256}],
    }
    manifest = {"force": "exampleshire", "reference": "large", "decision": "full", "tables": [table]}
    (folder / "disclosure.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), "utf-8")


def main(records: int, rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="foi-bench-") as name:
        scratch = Path(name)
        raw, warehouse, spent = scratch / "raw", scratch / "warehouse", scratch / "spent"
        # in a process of its own: what this one grows to would count as the peak of all that follow
        subprocess.run([sys.executable, "-c", _ACCEPTED, str(raw), str(warehouse), str(records)], check=True, cwd=ROOT)
        (file,) = raw.rglob("records.csv")
        print(f"{records:,} records, {file.stat().st_size / 1e6:,.0f} MB, {rounds} rounds, medians (range)")
        load = Command("duckdb: create table as", [], megabytes=None)
        place = [str(raw), str(warehouse), str(spent)]
        whole = Command("observations", [sys.executable, "-c", _OBSERVATIONS, *place], megabytes=None)
        nothing = Command("nothing to do", whole.arguments, megabytes=None)
        counting = Command("nothing to do, and cells", [*whole.arguments, *FIGURES], megabytes=None)
        parts = {name: Command(name, [], megabytes=None, peaks=[0]) for name in ("normalising", *FIGURES)}
        ratios = []
        for number in range(rounds):
            load.arguments = [sys.executable, "-c", _LOAD, str(scratch / f"{number}.duckdb"), str(file)]
            load.run()
            (scratch / f"{number}.duckdb").unlink()
            whole.run()
            parts["normalising"].times.append(json.loads(spent.read_text())["normalising"])
            nothing.run()
            counting.run()
            for name in FIGURES:
                parts[name].times.append(json.loads(spent.read_text())[name])
            shutil.rmtree(warehouse / "store" / "observations")
            ratios.append(parts["normalising"].times[-1] / load.times[-1])
        for command in (load, whole, nothing, counting, *parts.values()):
            print(command.report(median(load.times)))
        verdict = "ok" if median(ratios) <= BAR else "OVER"
        print(f"normalising: {verdict}, {median(ratios):.2f} of {BAR:g}")


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*(given + [10_000_000, 3][len(given) :]))
