"""Lineage on one large extract: from a figure to its lines, from a line to its figures, from one release to the next.

Run: `.venv/bin/python -m benchmarks.lineage [RECORDS] [ROUNDS]` (10,000,000 and 5). A release of that many records is
made, then a second one with another extract of 5,000. Figures and lines are drawn with a fixed seed; the same figures
and lines are asked for in every round, each way in turn.

- `trace, in process`: the first lines of a figure, in a process that has asked before; its 95th percentile has the bar
- `trace, few lines`: the same in a release of its own, of as many records with 60 labels a column, some of them rare:
  most of its figures have few lines, scattered over the whole extract, and there is no bar
- `trace`, `why`: the command in a process of its own
- `changes`: the second release against the first
- how much of the store is taken by the columns that lead back to a line
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter

import duckdb
import pyarrow.parquet as pq

from benchmarks.commands import BIN, ROOT, Command
from benchmarks.intake import ROWS, VARIANTS, disclosure
from pipeline.lineage.trace import trace
from pipeline.normalisation.offences import offence_labels
from pipeline.normalisation.outcomes import outcome_labels
from pipeline.normalisation.platforms import platform_labels
from pipeline.store.duck import literal, opened
from pipeline.store.places import Places
from pipeline.store.releases import current_release, listed_files

FIGURES = 200
LINEAGE_COLUMNS = frozenset({"record_no", "line_no", "lines", "source_column", "part_no"})
"""What of a store file says where a row stands in its extract."""

_PUBLISH = """
import sys
from pipeline.publication.build import Build
from pipeline.publication.release import publish
from pipeline.store.places import Places
outcome = publish(Build.of(Places.of(*sys.argv[1:3])))
assert outcome.published, outcome.message
"""


LABELS = 60


def _rare() -> str:
    """Return the query of records whose labels are as frequent as 1/rank: a few are on most lines, most on few."""
    rank = f"floor(pow({LABELS}, (hash(i * %d) %% 1000003) / 1000003.0))::int"
    picked = []
    for number, table in ((7, offence_labels()), (11, platform_labels()), (17, outcome_labels())):
        labels = sorted({row.label for row in table.rows if '"' not in row.label})[:LABELS]
        picked.append(f"list_value({', '.join(map(literal, labels))})[{rank % number}]")
    offence, platform, outcome = picked
    return (
        "select 'CR/' || lpad(i::varchar, 8, '0') as \"Crime reference\", "
        "strftime(date '2020-01-01' + (hash(i) % 1800)::int, '%b-%y') as \"Month\", "
        f'{offence} as "Offence", {platform} as "Platform", (hash(i * 13) % 80 + 5)::varchar as "Victim age", '
        f'{outcome} as "Status" from range(?) rows(i)'
    )


def add(raw: Path, name: str, records: int, query: str = ROWS) -> None:
    """Add a disclosure of records to raw/."""
    lines = raw.parent / "lines.csv"
    duckdb.execute(f"copy ({query.replace('?', str(records - 1))}) to '{lines}' (header)")
    disclosure(raw, name, lines, VARIANTS[0])
    lines.unlink()


def published(places: Places, records: int) -> None:
    """Publish what lies in raw/, and say how long that took."""
    start = perf_counter()
    script = [sys.executable, "-c", _PUBLISH, str(places.raw), str(places.warehouse)]
    subprocess.run(script, check=True, cwd=ROOT)
    print(f"published a release of {records:,} records in {perf_counter() - start:.1f} s")


def drawn(places: Places, n: int) -> list[str]:
    """Return ids of figures, some of every table that has any; the same ones each time."""
    release = current_release(places)
    if release is None:
        raise SystemExit("nothing is published")
    with opened(release.path) as db:
        ids = [row[0] for row in db.execute("select id from figure where n > 0 order by id").fetchall()]
    by_table: dict[str, list[str]] = {}
    for name in ids:
        by_table.setdefault(name.removeprefix("synthetic/").split("/")[0], []).append(name)
    random = Random(20261123)
    each = -(-n // len(by_table))
    return [
        name for table in sorted(by_table) for name in random.sample(by_table[table], min(each, len(by_table[table])))
    ]


def in_process(places: Places, ids: list[str]) -> list[tuple[float, str]]:
    """Return how many milliseconds the trace of each figure takes; the first one, which opens everything, aside."""
    trace(places, ids[0])
    times = []
    for name in ids:
        start = perf_counter()
        trace(places, name)
        times.append(((perf_counter() - start) * 1000, name))
    return times


def shares(places: Places) -> tuple[int, int]:
    """Return the bytes of the columns that lead back to a line, and of the whole warehouse."""
    lineage = 0
    for path in listed_files(current_release(places)):
        if path.endswith(".parquet"):
            metadata = pq.read_metadata(places.warehouse / path)
            for group in range(metadata.num_row_groups):
                for at in range(metadata.num_columns):
                    column = metadata.row_group(group).column(at)
                    if column.path_in_schema in LINEAGE_COLUMNS:
                        lineage += column.total_compressed_size
    whole = sum(path.stat().st_size for path in places.warehouse.rglob("*") if path.is_file())
    return lineage, whole


def main(records: int, rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="foi-bench-") as name:
        places = Places(Path(name) / "raw", Path(name) / "warehouse")
        places.raw.mkdir()
        add(places.raw, "bench-0", records)
        published(places, records)
        ids = drawn(places, FIGURES)
        times = sorted(in_process(places, ids))
        p95 = quantiles([t for t, _ in times], n=20)[-1]
        said = "ok" if p95 < 60 else "OVER"
        print(f"trace, in process: {len(ids)} figures, median {median(t for t, _ in times):.0f} ms, p95 {p95:.0f} ms")
        print(f"  {said} < 60 ms; slowest {times[-1][0]:.0f} ms: {times[-1][1]}")
        rare = Places(Path(name) / "rare", Path(name) / "rare-warehouse")
        rare.raw.mkdir()
        add(rare.raw, "bench-0", records, _rare())
        published(rare, records)
        few = [t for t, _ in in_process(rare, drawn(rare, FIGURES))]
        print(
            f"trace, few lines: {len(few)} figures, median {median(few):.0f} ms, p95 {quantiles(few, n=20)[-1]:.0f} ms"
        )
        where = ["--raw", str(places.raw), "--warehouse", str(places.warehouse)]
        foi = str(BIN / "foi")
        file = next((places.raw / "exampleshire" / "bench-0").glob("*.csv"))
        random = Random(20261123)
        traces = Command("trace", [], 0.8)
        whys = Command("why", [], 0.5)
        for figure in random.sample(ids, min(rounds * 4, len(ids))):
            traces.arguments = [foi, "trace", figure, *where]
            whys.arguments = [foi, "why", f"{file}:{random.randrange(2, records)}", *where]
            traces.run()
            whys.run()
        print("each in a process of its own: median (range), ratio to the median trace")
        for command in (traces, whys):
            print(command.report(median(traces.times)))
        lineage, whole = shares(places)
        part = 100 * lineage / whole
        said = "ok" if part < 3 else "OVER"
        print(
            f"columns that lead back to a line: {lineage / 1e6:.1f} of {whole / 1e6:.0f} MB, {part:.1f} %  {said} < 3 %"
        )
        add(places.raw, "bench-1", 5000)
        published(places, records + 5000)
        changes = Command("changes", [foi, "changes", "--synthetic", "--json", *where], 2)
        for _ in range(rounds):
            changes.run()
        print(changes.report(median(traces.times)))
        told = json.loads(subprocess.run(changes.arguments, check=True, capture_output=True, cwd=ROOT).stdout)
        print(f"  {len(told['figures']['added'])} added, {len(told['figures']['changed'])} changed")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers + [10_000_000, 5][len(numbers) :]))
