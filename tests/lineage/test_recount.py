"""The second count: it agrees with the builder, names what was falsified, and shares no code with what it checks."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.figures.builder import read_figures
from pipeline.figures.catalogue import COUNTED, SCOPE, as_json
from pipeline.lineage import recount
from pipeline.publication.build import Build
from pipeline.publication.checks import counted_again
from pipeline.store.duck import memory, parquet, rows
from tests.disclosures import Raw, counts_table, records_table

Figures = dict[str, list[dict[str, Any]]]
SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}


def again(build: Build) -> recount.Counted:
    observations = rows(build.inputs.db.execute("from observation"))
    return recount.count_again(as_json(), observations, rows(build.inputs.db.execute("from bucket")))


def published(build: Build) -> Figures:
    return {t.name: read_figures(build.figures(t.name).path) for t in COUNTED}


@pytest.fixture
def build(raw: Raw) -> Build:
    """Return a build of records of two platforms and a table of counts with a suppressed cell."""
    markers = {"<5": {"kind": "suppressed", "min": 1, "max": 4}}
    raw.add(
        [
            records_table({"period": "Month", "platform": "Platform"}, search=SEARCH),
            counts_table({"period": "Year", "count": "Count"}, markers=markers),
        ],
        {
            "records.csv": 'Month,Platform\n2020-05,"TikTok, Facebook"\n2020-06,TikTok\n',
            "counts.csv": "Year,Count\n2020,1\n2021,<5\n2022,30\n",
        },
    )
    return raw.build()


@pytest.mark.parametrize("table", [t.name for t in COUNTED])
def test_the_second_count_agrees_on_the_shipped_extracts(shipped: Build, table: str) -> None:
    figures = read_figures(shipped.figures(table).path)
    catalogue = [t for t in as_json() if t["name"] == table]
    assert figures
    assert recount.differences(catalogue, counted_again(shipped), {table: figures}) == []


def test_every_line_of_the_shipped_extracts_bears_out_what_was_read(shipped: Build) -> None:
    for source, observations in zip(shipped.accepted, shipped.observations, strict=True):
        assert line_differences(source, observations.path) == []


@pytest.mark.parametrize(
    "table", ["year_change", "period_sum", "charge_rate", "platform_share", "forces_platform_year"]
)
def test_a_derived_figure_counts_the_distinct_lines_of_all_its_parents(shipped: Build, table: str) -> None:
    counted, lines = counted_again(shipped), {}
    for parent in COUNTED:
        for figure in read_figures(shipped.figures(parent.name).path):
            key = tuple(figure[k] for k in (*SCOPE, *parent.dimensions))
            cell = counted[parent.name].get(key)
            lines[figure["id"]] = cell.lines if cell else set()
    for figure in read_figures(shipped.figures(table).path):
        behind = set().union(*(lines[parent] for parent in figure["parents"]))
        assert figure["n"] == len(behind), figure["id"]


def line_differences(source: Any, observations: Path, change: Callable[..., Any] | None = None) -> list[str]:
    with memory() as db:
        found = rows(db.execute(f"from {parquet(observations)}"))
    if change:
        change(found)
    account, extract = source.source.account, source.extract
    described = {
        "extract_id": extract.extract_id,
        "path": str(extract.path),
        "encoding": account["encoding"],
        "delimiter": extract.terms.delimiter,
        "columns": account["columns"],
        "layout": extract.terms.layout,
    }
    return recount.line_differences(described, found)


def test_it_agrees_on_intervals_several_platforms_and_zeros(build: Build) -> None:
    assert recount.differences(as_json(), again(build), published(build)) == []


def _of(figures: Figures, table: str, end: str) -> dict[str, Any]:
    return next(f for f in figures[table] if f["id"].endswith(end))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda f: _of(f, "crimes_year", "2022").update(value=31, value_min=31, value_max=31),
            "(31, 31, 1, 1)",
        ),
        (lambda f: _of(f, "crimes_year", "2022").update(value=31), "calendar/2022"),
        (lambda f: _of(f, "crimes_year", "2022").update(n=2), "(30, 30, 2, 1)"),
        (lambda f: _of(f, "crimes_year", "2022").update(observations=2), "(30, 30, 1, 2)"),
        (
            lambda f: _of(f, "crimes_year", "q1/crimes/unstated/calendar/2021").update(value_max=5),
            "(1, 5, 1, 1)",
        ),
        (lambda f: _of(f, "crimes_year", "q1/crimes/unstated/calendar/2021").update(value=1), "2021"),
        (lambda f: f["crimes_year"].remove(_of(f, "crimes_year", "2022")), "no figure for"),
        (lambda f: f["crimes_year"].append(_of(f, "crimes_year", "2022") | {"year": "2029"}), "(0, 0, 0, 0)"),
        (lambda f: f["crimes_year"].append(dict(_of(f, "crimes_year", "2022"))), "(0, 0, 0, 0)"),
        (
            lambda f: _of(f, "platform_month", "tiktok/2020-05").update(platform="snapchat"),
            "no figure for",
        ),
    ],
)
def test_a_falsified_figure_is_named(build: Build, change: Callable[[Figures], Any], words: str) -> None:
    figures = published(build)
    change(figures)
    found = recount.differences(as_json(), again(build), figures)
    assert found
    assert any(words in text for text in found), found


def test_a_zero_that_nobody_may_print_is_named(build: Build) -> None:
    """A table of counts has no zeros by absence: an invented one is as wrong as any other figure."""
    figures = published(build)
    zero = {"value": 0, "value_min": 0, "value_max": 0, "n": 0, "observations": 0, "year": "2019"}
    figures["crimes_year"].append(_of(figures, "crimes_year", "2022") | zero)
    assert recount.differences(as_json(), again(build), figures)


def _counts(build: Build) -> tuple[Any, Path]:
    for source, observations in zip(build.accepted, build.observations, strict=True):
        if source.extract.terms.layout == "counts":
            return source, observations.path
    raise AssertionError


def test_a_falsified_observation_is_named(build: Build) -> None:
    source, path = _counts(build)
    assert line_differences(source, path) == []
    changes: list[tuple[dict[str, Any], str]] = [
        ({"count_min": 2, "count_max": 2}, "line 2: column 2 prints '1', counted 2"),
        ({"period_label": "2019"}, "line 2: period is '2020', ingested '2019'"),
        ({"printed": "7"}, "line 2: column 2 is '1', ingested '7'"),
        ({"line_no": 99}, "line 99: no record starts there"),
    ]
    for change, words in changes:
        [found] = line_differences(source, path, lambda o, change=change: o[0].update(change))
        assert words in found


def test_a_record_that_counts_more_than_one_is_named(build: Build) -> None:
    source, path = next(
        (s, o.path)
        for s, o in zip(build.accepted, build.observations, strict=True)
        if s.extract.terms.layout == "records"
    )
    [found] = line_differences(source, path, lambda o: o[0].update(count_max=2))
    assert "one record counted 1 to 2" in found


@pytest.mark.parametrize(
    ("line", "words"), [("2020,9", "is '9', ingested '1'"), ("2020", "line 2"), ('2020,"1', "line 2")]
)
def test_a_changed_raw_line_is_named(build: Build, line: str, words: str) -> None:
    source, path = _counts(build)
    file = source.extract.path
    file.write_text(file.read_text().replace("2020,1\n", f"{line}\n"))
    found = line_differences(source, path)
    assert found
    assert words in found[0]


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(recount.__file__).read_text("utf-8"))
    names = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {n.split(".")[0] for n in names} <= sys.stdlib_module_names


def test_it_runs_alone_without_anything_installed() -> None:
    program = f"import runpy; print(len(runpy.run_path({str(recount.__file__)!r})))"
    run = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
