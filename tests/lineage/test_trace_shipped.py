"""Every figure of the shipped release opens to as many lines as it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.figures.catalogue import COUNTED, TABLES
from pipeline.lineage.trace import FIRST_LINES, trace
from pipeline.lineage.trace.cells import Cells
from pipeline.lineage.trace.members import observe
from pipeline.publication.build import Build
from pipeline.store.duck import ask, opened
from pipeline.store.releases import current_release
from tests.figures.seen import Figure, every_figure, figures

SHOWN = 4
"""Figures traced of each table (one of those that have all figures of a year as parents)."""

Lines = set[tuple[str, int]]


def spread(table: str, found: list[Figure]) -> list[Figure]:
    """Return figures spread evenly over the ids of a table, always the same ones, and the one with most lines."""
    most = max(found, key=lambda f: f["n"])
    if table in {"charge_rate", "platform_share"}:
        return [found[len(found) // 2]]
    return [*found[:: max(1, len(found) // SHOWN)][:SHOWN], most]


def lines_of_all(build: Build, all_figures: Mapping[str, Figure]) -> dict[str, Lines]:
    """Return the source records that trace finds behind each counted or printed figure, a table at a time."""
    release = current_release(build.places)
    assert release is not None
    found: dict[str, Lines] = defaultdict(set)
    with opened(release.path) as db:
        observe(db, build.places, [row["extract_id"] for row in ask(db, "from extract")])
        for table in (*COUNTED, None):
            name = "printed" if table is None else table.name
            own = tuple(f for f in all_figures.values() if f["figure_table"] == name)
            cells = Cells(table, own)
            ids = {tuple(f[k] for k in cells.names): f["id"] for f in own}
            for row in ask(db, *cells.members("observation")):
                found[ids[tuple(row[k] for k in cells.names)]].add((row["extract_id"], row["record_no"]))
    return found


def test_every_figure_has_as_many_lines_as_it_says(shipped: Build) -> None:
    all_figures = every_figure(shipped)
    lines = lines_of_all(shipped, all_figures)

    def behind(figure: Figure) -> Lines:
        parents = figure.get("parents") or ()
        if not parents:
            return lines.get(figure["id"], set())
        return {line for parent in parents for line in behind(all_figures[parent])}

    assert len(all_figures) > 17_000
    assert {i: len(behind(f)) for i, f in all_figures.items()} == {i: f["n"] for i, f in all_figures.items()}


@pytest.mark.parametrize("table", list(TABLES))
def test_a_figure_has_as_many_lines_as_it_says(shipped: Build, table: str) -> None:
    for figure in spread(table, figures(shipped, table)):
        found = trace(shipped.places, figure["id"], None)
        assert len(found["lines"]) == figure["n"], figure["id"]
        assert bool(found["lines"]) != bool(found["why_no_lines"]), figure["id"]
        assert all(line["as_ingested"] for line in found["lines"]), figure["id"]
        first = trace(shipped.places, figure["id"])
        assert first["lines"] == found["lines"][:FIRST_LINES]
        assert first["labels"] == found["labels"]


@pytest.mark.parametrize("disclosure", ["dorset/01-fin-24-2153", "cleveland/645-24"])
def test_every_counted_and_printed_figure_of_the_first_two_disclosures_opens(shipped: Build, disclosure: str) -> None:
    for table in (*(t.name for t in COUNTED), "printed"):
        for figure in figures(shipped, table, disclosure=disclosure):
            found = trace(shipped.places, figure["id"])
            assert len(found["lines"]) == figure["n"], figure["id"]
            raw = {x["file"]: (shipped.places.raw / x["file"]).read_text("utf-8-sig") for x in found["lines"]}
            for line in found["lines"]:
                assert raw[line["file"]].splitlines()[line["line_no"] - 1] == line["text"]


def test_lines_labels_and_parents_of_a_figure_add_up(shipped: Build) -> None:
    figure = max(figures(shipped, "platform_year"), key=lambda f: f["n"])
    found = trace(shipped.places, figure["id"])
    for dimension in ("period", "platform"):
        labels = [x for x in found["labels"] if x["dimension"] == dimension]
        assert sum(x["n"] for x in labels) == figure["n"]
    derived = next(f for f in figures(shipped, "year_change") if f["value"] is not None)
    assert [p["id"] for p in trace(shipped.places, derived["id"])["parents"]] == derived["parents"]


def test_a_rate_of_many_parents_shows_its_formula(shipped: Build) -> None:
    figure = max(figures(shipped, "charge_rate"), key=lambda f: len(f["parents"]))
    assert len(figure["parents"]) > 50
    result = CliRunner().invoke(main, ["trace", figure["id"], "--warehouse", str(shipped.places.warehouse)])
    formula = f"= 100 x numerator / denominator = 100 x {figure['numerator']} / {figure['denominator']}"
    assert formula in " ".join(result.stdout.split()) and "more parents (--json)" in result.stdout
