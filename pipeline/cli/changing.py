"""The verb that says what changed from one release to another, and why."""

from __future__ import annotations

import click

from pipeline.cli.common import common, fail, tell
from pipeline.store.places import Places


@click.command()
@click.argument("release_a", type=int, required=False)
@click.argument("release_b", type=int, required=False)
@click.option("--vintages", nargs=2, metavar="OLD NEW", help="Two answers, NEW superseding or correcting OLD, instead.")
@click.option("--figure", metavar="ID", help="One figure only.")
@click.option("--table", metavar="NAME", help="The figures of one table only.")
@click.option("--synthetic", is_flag=True, help="Figures of made-up extracts too.")
@common
def changes(
    release_a: int | None,
    release_b: int | None,
    vintages: tuple[str, str] | None,
    figure: str | None,
    table: str | None,
    synthetic: bool,
    places: Places,
    as_json: bool,
) -> None:
    """Say which figures changed from RELEASE_A to RELEASE_B [the last two kept], and why.

    Each difference is split over its causes, and the parts add up to it: lines new, gone, withdrawn or revised, labels
    that a reference row reads otherwise, and what the code or a manifest counts otherwise. Exit 0 whether anything
    changed or not; 1 where there is nothing to compare.
    """
    from pipeline.desk.terminal.changes import show_changes
    from pipeline.lineage import changes as lineage
    from pipeline.lineage.changes.figures import NotComparable
    from pipeline.store.withdrawals import TornTombstones

    if vintages and release_a is not None:
        raise click.UsageError("expected either releases or --vintages, not both")
    if figure is not None and table is not None:
        raise click.UsageError("expected --figure or --table, not both")
    asked = lineage.Asked(table, figure, synthetic)
    try:
        if vintages:
            found = lineage.changes_of_answers(places, *vintages, asked)
        else:
            found = lineage.changes(places, release_a, release_b, asked)
    except (NotComparable, TornTombstones) as error:
        fail(str(error), as_json)
    tell(found, as_json, show_changes)


VERBS = (changes,)
