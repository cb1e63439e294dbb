"""The source layer of one large extract against DuckDB's own load of the same file, alternately in one run.

Run: `.venv/bin/python -m benchmarks.intake [RECORDS] [ROUNDS]` (10,000,000 and 3). Each measurement is a process of its
own, with its wall time and peak memory; the ratio of each is to the `create table as select * from read_csv(...)` of
the plain file right before it, and the median of these is held to the bar. Every file is held to its SHA-256, and every
byte of it is reconciled.

- `plain`: as DuckDB writes it; to be no slower than DuckDB
- the others hold the same records, at most 6 times as slow: one doubled quote in the last record; every field quoted
  and lines that end with CR LF; cp1252 with a field of two lines in one record of seven; one record in a hundred with
  a stray quote, so that it is rejected
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb
import yaml

from benchmarks.commands import Command

PYTHON = sys.executable

ROWS = """
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
from pipeline.intake.source import ensure_source
from pipeline.publication.build import Build
from pipeline.store.places import Places
build = Build.of(Places.of(*sys.argv[1:3]))
source = ensure_source(build.places, build.raw.extracts[0])
assert source.account['records'] == int(sys.argv[3])
"""


def _quoted(lines: bytes) -> bytes:
    return b'"' + lines.removesuffix(b"\n").replace(b",", b'","').replace(b"\n", b'"\r\n"') + b'"\r\n'


@dataclass(frozen=True)
class Variant:
    """One way to write the same records: what is done to whole lines, the last one, and the bar of the ratio."""

    name: str
    change: Callable[[bytes], bytes]
    last: bytes
    bar: float


LAST = b"CR/LAST,Jan-20,Stalking,TikTok,15,NFA\n"
VARIANTS = (
    Variant("plain", bytes, LAST, 1),
    Variant("one doubled quote", bytes, b'CR/LAST,Jan-20,Stalking,"""TikTok""",15,NFA\n', 6),
    Variant("all quoted, CR LF", _quoted, _quoted(LAST), 6),
    Variant("cp1252, lines in fields", lambda t: t.replace(b",Stalking,", b',"Stalking,\nabout \xa35",'), LAST, 6),
    Variant("stray quotes, 1 in 100", lambda t: t.replace(b"00,", b'00",'), LAST, 6),
)


def disclosure(raw: Path, name: str, source: Path, variant: Variant) -> Path:
    """Write a disclosure of one extract: the lines of `source` as a variant has them, and its last one."""
    folder = raw / "exampleshire" / name
    folder.mkdir(parents=True)
    target = folder / "records.csv"
    with target.open("wb") as out, source.open("rb") as lines:
        while batch := lines.readlines(1 << 24):
            out.write(variant.change(b"".join(batch)))
        out.write(variant.last)
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
        lines = scratch / "lines.csv"
        duckdb.execute(f"copy ({ROWS.replace('?', str(records - 1))}) to '{lines}' (header)")
        files = [disclosure(scratch / f"raw-{at}", f"bench-{at}", lines, v) for at, v in enumerate(VARIANTS)]
        lines.unlink()
        print(f"{records:,} records, {files[0].stat().st_size / 1e6:,.0f} MB, {rounds} rounds, medians (range)")
        load = Command("duckdb: create table as", [], megabytes=None)
        ways = [Command(variant.name, [], megabytes=None) for variant in VARIANTS]
        ratios: list[list[float]] = [[] for _ in VARIANTS]
        for number in range(rounds):
            for at, way in enumerate(ways):
                database, built = scratch / f"{number}-{at}.duckdb", scratch / f"built-{number}-{at}"
                # the floor before each: a noisy machine then falls on both alike
                load.arguments = [PYTHON, "-c", _LOAD, str(database), str(files[0])]
                load.run()
                database.unlink()
                way.arguments = [PYTHON, "-c", _SOURCE, str(scratch / f"raw-{at}"), str(built), str(records)]
                way.run()
                shutil.rmtree(built)
                ratios[at].append(way.times[-1] / load.times[-1])
        floor = median(load.times)
        print(load.report(floor))
        for variant, way, found in zip(VARIANTS, ways, ratios, strict=True):
            verdict = "ok" if median(found) <= variant.bar else "OVER"
            print(f"{way.report(floor)}  {verdict}: {median(found):.2f} of {variant.bar:g}")


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*(given + [10_000_000, 3][len(given) :]))
