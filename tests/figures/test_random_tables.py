"""Whatever is in the extracts, every counted figure is what a person with a pencil would count."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.figures.catalogue import COUNTED
from tests.disclosures import Raw, counts_table, records_table
from tests.figures.seen import figures

PLATFORMS = {
    "TikTok": ["tiktok"],
    "Tik Tok": ["tiktok"],
    "facebook": ["facebook"],
    "Facebook, TikTok": ["facebook", "tiktok"],
    "Instagram; Snapchat & tiktok": ["instagram", "snapchat", "tiktok"],
    "TikTok, N/A": ["tiktok"],
    "TikTok, Zorkbook": ["Unmapped"],
    "Zorkbook": ["Unmapped"],
    "N/A": ["unknown"],
    "": ["unknown"],
}
MONTHS = {
    "2019-12": (2019, 12),
    "Mar-20": (2020, 3),
    "01/04/2020": (2020, 4),
    "2020-11": (2020, 11),
    "Jan-21": (2021, 1),
    "some day": None,
}
OFFENCES = {"8L": "8L", "8Q - Stalking": "8Q", "Harassment": "local:harassment", "Zorking": "Unmapped", "": "unknown"}
OUTCOMES = {"1": "1", "1A": "1A", "Outcome 16": "16", "Zorked": "Unmapped", "": "unknown"}
AGES = {"13": "12-15", "15": "12-15", "17": "16-17", "-1": "Invalid", "old": "Unmapped", "": "unknown"}
CELLS = {
    "7": (7, 7),
    "1,234": (1234, 1234),
    "0": (0, 0),
    "-": (0, 0),
    "<5": (1, 4),
    "*": (0, None),
    "over 9": (10, None),
    "": None,
}
MARKERS = {
    "-": {"kind": "zero"},
    "<5": {"kind": "suppressed", "min": 1, "max": 4},
    "*": {"kind": "suppressed"},
    "over 9": {"kind": "number", "min": 10},
}
SEARCHED = ("tiktok", "facebook")
SEARCH = {"terms": [{"text": t, "platform": t} for t in ("TikTok", "Facebook")], "combine": "each"}
COVERED = [(2020, month) for month in range(1, 13)]
COVERS = {"basis": "month", "start": "2020-01-01", "end": "2020-12-31"}
COLUMNS = {"period": "Month", "platform": "Platform", "offence": "Offence", "outcome": "Outcome", "age": "Age"}

Key = tuple[str, ...]
Interval = tuple[int, int | None, int]

records = st.lists(st.tuples(*(st.sampled_from(list(m)) for m in (MONTHS, PLATFORMS, OFFENCES, OUTCOMES, AGES))))
printed = st.lists(st.tuples(*(st.sampled_from(list(m)) for m in (OFFENCES, CELLS, CELLS))), min_size=1)


def written(header: list[str], lines: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    return text.getvalue()


def periods(kind: str, year: int, month: int) -> list[tuple[str, str]]:
    """Return (year basis, code) of the periods that a month counts in."""
    if kind == "month":
        return [("month", f"{year}-{month:02}")]
    first = year if month >= 4 else year - 1
    return [("calendar", str(year)), ("financial", f"{first}-{(first + 1) % 100:02}")]


def cells_of(row: tuple[str, ...], dimensions: tuple[str, ...]) -> Iterator[Key]:
    """Yield the cells (year basis, then the dimensions) that a record counts in."""
    when = MONTHS[row[0]]
    if when is None:
        return
    kind = "month" if "month" in dimensions else "year"
    platforms = PLATFORMS[row[1]] if "platform" in dimensions else [""]
    said = {"offence": OFFENCES[row[2]], "outcome": OUTCOMES[row[3]], "age": AGES[row[4]]}
    for (basis, code), platform in product(periods(kind, *when), platforms):
        here = {**said, kind: code, "platform": platform}
        yield (basis, *(here[d] for d in dimensions))


def pencilled(rows: list[tuple[str, ...]], dimensions: tuple[str, ...]) -> dict[Key, Interval]:
    counts: dict[Key, int] = defaultdict(int)
    for row in rows:
        for key in cells_of(row, dimensions):
            counts[key] += 1
    anything = any(MONTHS[row[0]] for row in rows)
    if anything and set(dimensions) <= {"platform", "month", "year"}:
        kind = "month" if "month" in dimensions else "year"
        # a platform that could not be read may be any: where there is one, none can be said to be absent
        unread = {(key[0], key[-1]) for key in counts if "Unmapped" in key[1:-1]}
        for when, platform in product(COVERED, SEARCHED):
            for basis, code in periods(kind, *when):
                key = (basis, *({"platform": platform, kind: code}[d] for d in dimensions))
                if key in counts or (basis, code) not in unread:
                    counts[key] += 0
    return {key: (n, n, n) for key, n in counts.items()}


def pencilled_counts(rows: list[tuple[str, ...]]) -> dict[Key, Interval]:
    found: dict[Key, list[tuple[int, int | None]]] = defaultdict(list)
    for offence, *cells in rows:
        for year, cell in zip(("2020", "2021"), cells, strict=True):
            if (read := CELLS[cell]) is not None:
                found[("calendar", OFFENCES[offence], year)].append(read)
    result = {}
    for key, parts in found.items():
        highs = [high for _, high in parts if high is not None]
        high = sum(highs) if len(highs) == len(parts) else None
        result[key] = (sum(low for low, _ in parts), high, len(parts))
    return result


def seen(found: list[dict[str, Any]], dimensions: tuple[str, ...]) -> dict[Key, Interval]:
    for f in found:
        assert f["value"] == (f["value_min"] if f["value_min"] == f["value_max"] else None)
    keys = ("year_basis", *dimensions)
    return {tuple(f[k] for k in keys): (f["value_min"], f["value_max"], f["n"]) for f in found}


@settings(max_examples=10, deadline=None)
@given(rows=records, lines=printed)
def test_every_counted_figure_is_what_a_pencil_counts(
    rows: list[tuple[str, ...]], lines: list[tuple[str, ...]]
) -> None:
    columns = [{"at": 2, "label": "2020"}, {"at": 3, "label": "2021"}]
    with tempfile.TemporaryDirectory() as folder:
        raw = Raw.at(Path(folder))
        raw.add(
            [
                records_table(COLUMNS, search=SEARCH, covers=COVERS),
                counts_table({"offence": "Offence"}, wide={"dimension": "period", "columns": columns}, markers=MARKERS),
            ],
            {
                "records.csv": written(list(COLUMNS.values()), rows),
                "counts.csv": written(["Offence", "2020", "2021"], lines),
            },
        )
        build = raw.build()
        for table in COUNTED:
            found = figures(build, table.name)
            of_records = [f for f in found if f["table_id"] == "records"]
            assert seen(of_records, table.dimensions) == pencilled(rows, table.dimensions), table.name
            of_counts = [f for f in found if f["table_id"] == "q1"]
            expected = pencilled_counts(lines) if table.name == "offence_year" else {}
            assert seen(of_counts, table.dimensions) == expected, table.name
