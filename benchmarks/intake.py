"""The source layer of one large extract against DuckDB's own load of the same file, alternately in one run.

Run: `.venv/bin/python -m benchmarks.intake [RECORDS] [ROUNDS]` (10,000,000 and 3). Each measurement is a process of its
own, with its wall time and peak memory; ratios are to `create table as select * from read_csv(...)`.

- `fast`: the file is plain, DuckDB reads it in bulk and every byte is reconciled, SHA-256 included
- `exact`: the same file with one doubled quote in its last record, so that the exact reader has to take it
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

import duckdb
import yaml

from benchmarks.commands import Command

PYTHON = sys.executable

_ROWS = """
select 'CR/' || lpad(i::varchar, 8, '0') as "Crime reference",
       strftime(date '2020-01-01' + (hash(i) % 1800)::int, '%b-%y') as "Month",
       list_value('Malicious communications', 'Harassment', 'Stalking', 'Blackmail', 'Sexual grooming',
                  'Threats to kill', 'Sending letters etc with intent to cause distress or anxiety')
           [1 + (hash(i * 7) % 7)::int] as "Offence",
       list_value('TikTok', 'Snapchat', 'Facebook', 'Instagram', 'WhatsApp', 'Twitter / X', 'Roblox')
           [1 + (hash(i * 11) % 7)::int] as "Platform",
       (hash(i * 13) % 80 + 5)::varchar as "Victim age",
       list_value('Type 16 - Named Suspect - Victim Unsupportive', 'Under investigation', 'Charged', 'NFA',
                  'Not yet assigned')[1 + (hash(i * 17) % 5)::int] as "Status"
from range(?) rows(i)
"""
_LOAD = """
import sys, duckdb
duckdb.connect(sys.argv[1]).execute(f"create table t as select * from read_csv('{sys.argv[2]}')")
"""
_SOURCE = """
import sys
from pipeline.publication.build import Build
from pipeline.store.places import Places
(source,) = Build.of(Places.of(*sys.argv[1:3])).sources
way = 'exact' if source.account['lines_above'] is None else 'fast'
assert way == sys.argv[3], way
assert source.account['records'] == int(sys.argv[4])
"""


def _disclosure(raw: Path, name: str, source: Path, last_line: str) -> Path:
    """Write a disclosure of one extract: the lines of `source` and one more."""
    folder = raw / "exampleshire" / name
    folder.mkdir(parents=True)
    target = folder / "records.csv"
    target.write_bytes(b"")
    with target.open("wb") as out, source.open("rb") as lines:
        while chunk := lines.read(1 << 24):
            out.write(chunk)
        out.write(last_line.encode())
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    columns = ("reference", "period", "offence", "platform", "age", "outcome")
    headers = ("Crime reference", "Month", "Offence", "Platform", "Victim age", "Status")
    table = {
        "id": "records",
        "layout": "records",
        "record_is": "crime",
        "evidence": "synthetic",
        "columns": dict(zip(columns, headers, strict=True)),
        "covers": {"basis": "calendar", "start": "2020-01-01", "end": "2024-12-31"},
        "extracts": [{"file": "records.csv", "sha256": sha256}],
    }
    manifest = {"force": "exampleshire", "reference": name, "decision": "full", "tables": [table]}
    (folder / "disclosure.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False), "utf-8")
    return target


def main(records: int, rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="foi-bench-") as name:
        scratch = Path(name)
        plain = scratch / "plain.csv"
        duckdb.execute(f"copy ({_ROWS.replace('?', str(records - 1))}) to '{plain}' (header)")
        file = _disclosure(scratch / "fast", "fast", plain, "CR/LAST,Jan-20,Stalking,TikTok,15,NFA\n")
        _disclosure(scratch / "exact", "exact", plain, 'CR/LAST,Jan-20,Stalking,"""TikTok""",15,NFA\n')
        plain.unlink()
        print(f"{records:,} records, {file.stat().st_size / 1e6:,.0f} MB, {rounds} rounds, medians (range)")
        load = Command("duckdb: create table as", [], megabytes=None)
        ways = [Command(f"source layer, {way}", [], megabytes=None) for way in ("fast", "exact")]
        for number in range(rounds):
            load.arguments = [PYTHON, "-c", _LOAD, str(scratch / f"{number}.duckdb"), str(file)]
            load.run()
            (scratch / f"{number}.duckdb").unlink()
            for way, command in zip(("fast", "exact"), ways, strict=True):
                place = [str(scratch / way), str(scratch / f"w-{way}-{number}")]
                command.arguments = [PYTHON, "-c", _SOURCE, *place, way, str(records)]
                command.run()
        floor = sorted(load.times)[len(load.times) // 2]
        for command in (load, *ways):
            print(command.report(floor))


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*(given + [10_000_000, 3][len(given) :]))
