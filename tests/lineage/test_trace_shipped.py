"""Every figure of the shipped release opens to as many lines as it says."""

from __future__ import annotations

import pytest

from pipeline.figures.catalogue import COUNTED, TABLES
from pipeline.lineage.trace import trace
from pipeline.publication.build import Build
from tests.figures.seen import Figure, figures

SHOWN = 4
"""Figures traced of each table (one of those that have all figures of a year as parents)."""


def spread(table: str, found: list[Figure]) -> list[Figure]:
    """Return figures spread evenly over the ids of a table, always the same ones, and the one with most lines."""
    most = max(found, key=lambda f: f["n"])
    if table in {"charge_rate", "platform_share"}:
        return [found[len(found) // 2]]
    return [*found[:: max(1, len(found) // SHOWN)][:SHOWN], most]


@pytest.mark.parametrize("table", list(TABLES))
def test_a_figure_has_as_many_lines_as_it_says(shipped: Build, table: str) -> None:
    for figure in spread(table, figures(shipped, table)):
        found = trace(shipped.places, figure["id"])
        assert len(found["lines"]) == figure["n"], figure["id"]
        assert bool(found["lines"]) != bool(found["why_no_lines"]), figure["id"]
        assert all(line["as_ingested"] for line in found["lines"]), figure["id"]


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
