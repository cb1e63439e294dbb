"""Verbs that ask for figures and for what is behind them."""

from __future__ import annotations

import click

from pipeline.cli.common import common, document, fail, tell
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
@click.option("--all", "every", is_flag=True, help="All lines, not only the first.")
@common
def trace(figure_id: str, every: bool, places: Places, as_json: bool) -> None:
    """Open a figure back to its source lines."""
    from pipeline.lineage.trace import NotFound
    from pipeline.lineage.trace import trace as trace_figure

    try:
        found = trace_figure(places, figure_id)
    except NotFound as error:
        fail(str(error), as_json)
    if as_json:
        document(found)
    else:
        from pipeline.desk.terminal import asking as terminal

        terminal.show_trace(found, every)


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
    vintages,
)
