"""Verbs that ask for figures and for what is behind them."""

from __future__ import annotations

import sys

import click

from pipeline.cli.common import FAILED, common, fail, tell
from pipeline.store.places import Places


@click.command()
@click.argument("table", required=False)
@click.option("--where", multiple=True, metavar="DIM=VALUE", help="Only figures with this value; may be repeated.")
@click.option("--synthetic", is_flag=True, help="Made-up extracts too.")
@click.option("--superseded", is_flag=True, help="Figures that a later answer replaces too.")
@common
def figures(
    table: str | None,
    where: tuple[str, ...],
    synthetic: bool,
    superseded: bool,
    places: Places,
    as_json: bool,
) -> None:
    """List the figures of TABLE, or say which tables there are."""
    from pipeline.desk import reading
    from pipeline.desk.terminal import asking as terminal

    try:
        found = reading.figures(
            places,
            table,
            reading.conditions(where),
            synthetic=synthetic,
            superseded=superseded,
        )
    except reading.Unknown as unknown:
        raise click.UsageError(str(unknown)) from unknown
    except reading.NothingPublished as nothing:
        fail(str(nothing), as_json)
    tell(found, as_json, lambda found: terminal.show_figures(found, table))


@click.command()
@click.argument("figure_id")
@click.option("--all", "every", is_flag=True, help="All lines, however many, not only the first 50.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--sql", "as_sql", is_flag=True, help="Only SQL that gives the figure again, with DuckDB alone.")
@common
def trace(figure_id: str, every: bool, form: str, as_sql: bool, places: Places, as_json: bool) -> None:
    """Open a figure back to its source lines.

    --format csv gives a line of the extracts in each row, --format json what --json gives. With --all lines are written
    as they are found, so millions need no more memory than a few.

    What --sql prints runs on warehouse/foi.duckdb, with the warehouse as the working folder. It counts the lines again
    and makes a derived figure again from its parents: one row of value, value_min, value_max and n.
    """
    from pipeline.desk.terminal import asking as terminal
    from pipeline.lineage.trace import FIRST_LINES, NotFound, figure_sql, traced

    as_json = as_json or form == "json"
    try:
        if as_sql:
            tell({"sql": figure_sql(places, figure_id)}, as_json, lambda sql: click.echo(sql["sql"]))
            return
        with traced(places, figure_id, None if every else FIRST_LINES) as found:
            if as_json:
                terminal.write_json(found, figure_sql(places, figure_id))
            elif form == "csv":
                terminal.write_csv(found)
            else:
                terminal.show_trace(found)
    except NotFound as error:
        fail(str(error), as_json)


@click.command()
@click.argument("place", metavar="FILE:LINE")
@common
def why(place: str, places: Places, as_json: bool) -> None:
    """Say what became of a line: which figures it is counted in, or which rule rejected it or set it aside, or why not.

    FILE is a path, a file as `foi trace` shows it, or the id of an extract. In a workbook FILE:SHEET!ROW or
    FILE:SHEET!CELL names the place.
    """
    from pipeline.desk.terminal import asking as terminal
    from pipeline.lineage.trace import NotFound
    from pipeline.lineage.why import why as find_why

    try:
        found = find_why(places, place)
    except NotFound as error:
        fail(str(error), as_json)
    tell(found, as_json, terminal.show_why)


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Listed of each kind.")
@click.option("--synthetic", is_flag=True, help="Figures of made-up extracts too.")
@click.option("--superseded", is_flag=True, help="Figures that a later answer replaces too.")
@common
def search(text: tuple[str, ...], limit: int, synthetic: bool, superseded: bool, places: Places, as_json: bool) -> None:
    """List figures, labels and disclosures that have all words of TEXT."""
    from pipeline.desk.terminal import asking as terminal
    from pipeline.lineage.search import NoWords
    from pipeline.lineage.search import search as find
    from pipeline.lineage.trace import NotFound

    try:
        found = find(places, " ".join(text), limit, synthetic=synthetic, superseded=superseded)
    except NoWords as error:
        raise click.UsageError(str(error)) from error
    except NotFound as error:
        fail(str(error), as_json)
    tell(found, as_json, terminal.show_search)
    if not any(found["totals"].values()):
        sys.exit(FAILED)


@click.command()
@click.argument("name", required=False)
@common
def vintages(name: str | None, places: Places, as_json: bool) -> None:
    """List the answers to one question in time, and what changed in their lines.

    Without NAME, every answer that replaces or corrects another one. NAME is <force>/<reference>, or with /<table>.
    """
    from pipeline.desk.terminal.vintages import show_vintages
    from pipeline.lineage.trace import NotFound
    from pipeline.lineage.vintages import vintages as find_vintages

    try:
        found = find_vintages(places, name)
    except NotFound as error:
        fail(str(error), as_json)
    tell(found, as_json, show_vintages)


VERBS = (
    figures,
    trace,
    why,
    search,
    vintages,
)
