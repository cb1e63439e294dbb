"""Verbs for labels that no reference table reads."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from pipeline.cli.common import FAILED, GOOD, common, fail, tell
from pipeline.store.places import Places


@click.group(invoke_without_command=True)
@click.option("--dimension", type=click.Choice(["period", "offence", "outcome", "platform", "age"]))
@click.option("--disclosure", metavar="FORCE/REFERENCE", help="Only labels of this disclosure.")
@click.option("--table", metavar="ID", help="Only labels of tables with this id.")
@common
@click.pass_context
def labels(
    context: click.Context,
    dimension: str | None,
    disclosure: str | None,
    table: str | None,
    places: Places,
    as_json: bool,
) -> None:
    """List the labels that no reference table reads, the most frequent first, each with where it stands.

    The verbs below suggest codes for them, write a code into a reference table, and code any label.
    """
    from pipeline.desk import reading
    from pipeline.desk.terminal import labelling as terminal
    from pipeline.desk.worklist import worklist

    if context.invoked_subcommand is not None:
        return
    try:
        found = worklist(places, dimension, disclosure, table)
    except reading.Unknown as unknown:
        raise click.UsageError(str(unknown)) from unknown
    except reading.NothingPublished as nothing:
        fail(str(nothing), as_json)
    tell(found, as_json, terminal.show_worklist)


@labels.command()
@click.argument("label", required=False)
@click.option("--vocabulary", type=click.Choice(["platforms", "outcomes", "offences", "ages"]))
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="Candidates a label.")
@common
def suggest(label: str | None, vocabulary: str | None, limit: int, places: Places, as_json: bool) -> None:
    """Rank the codes whose labels are written most like LABEL, or like each label to be mapped.

    Suggestions only: no label is ever read by likeness.
    """
    from pipeline.desk import reading
    from pipeline.desk.terminal import labelling as terminal
    from pipeline.desk.worklist import suggestions

    try:
        found = suggestions(places, label, vocabulary, limit)
    except reading.NothingPublished as nothing:
        fail(str(nothing), as_json)
    tell(found, as_json, terminal.show_suggestions)


@labels.command()
@click.argument("label")
@click.argument("code")
@click.option("--vocabulary", type=click.Choice(["platforms", "outcomes", "offences", "ages"]), help="[by CODE]")
@click.option("--source", required=True, help="Where it can be seen what the label means: an address, a letter.")
@click.option("--by", required=True, help="Who decided.")
@click.option("--on", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="When.")
@click.option("--note", default="", help="Why; needed where CODE is Unmapped.")
@click.option("--arrest", type=click.Choice(["yes", "no", "unknown"]), help="Outcomes: what it says of an arrest.")
@click.option("--presumed-class", help="Offences: the class presumed of an ambiguous local label.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@common
def accept(
    label: str,
    code: str,
    vocabulary: str | None,
    source: str,
    by: str,
    on: datetime,
    note: str,
    arrest: str | None,
    presumed_class: str | None,
    yes: bool,
    places: Places,
    as_json: bool,
) -> None:
    """Give LABEL the code CODE: show each figure that would differ, then write the row into the reference table.

    Without --yes it asks in a terminal; elsewhere it shows the effect, writes nothing and exits 1.
    """
    from pipeline.desk.terminal import console
    from pipeline.desk.terminal import labelling as terminal
    from pipeline.intake.problem import Refused
    from pipeline.publication import accepting, effect
    from pipeline.store.lock import Busy

    more = {"arrest": arrest or "", "presumed_class": presumed_class or ""}
    if not places.raw.is_dir():
        fail(f"{places.raw}: found no folder; expected raw/ with the disclosures; mend --raw or FOI_RAW", as_json)
    try:
        name = vocabulary or accepting.vocabulary_of(code)
        decision = accepting.Decision(name, label, code, source, f"{by}, {on:%Y-%m-%d}", note, more)
        accepting.check(decision)
    except Refused as refused:  # of what was said, before anything is built
        raise click.UsageError(str(refused)) from refused
    try:
        with console.progress(quiet=as_json) as say:
            say("building all figures with the row, in scratch")
            report = effect.report(decision, effect.effect(places, decision))
        if not as_json:
            terminal.show_effect(report)
        if yes or (not as_json and sys.stdin.isatty() and click.confirm("Write the row?")):
            accepting.write(places, decision)
            report["written"] = True
    except (Refused, Busy) as refused:
        fail(str(refused), as_json)
    words = "the row is written; `foi refresh` builds by it" if report["written"] else "nothing is written"
    tell(report, as_json, lambda _: click.echo(words))
    sys.exit(GOOD if report["written"] else FAILED)


@labels.command()
@click.argument("vocabulary", type=click.Choice(["platforms", "outcomes", "offences", "ages", "periods"]))
@click.argument("label", nargs=-1)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV with a header and a column of labels.",
)
@click.option("--column", metavar="NAME", help="The column of labels in --file [the first one].")
@click.option(
    "--basis",
    type=click.Choice(["calendar", "financial", "tax", "month", "range"]),
    help="Periods: what a manifest would declare.",
)
@common
def code(
    vocabulary: str,
    label: tuple[str, ...],
    file: Path | None,
    column: str | None,
    basis: str | None,
    places: Places,
    as_json: bool,
) -> None:
    """Code labels as a refresh would: each LABEL, or a column of a CSV. Put -- before labels that begin with -."""
    from pipeline.desk.terminal import labelling as terminal
    from pipeline.intake.problem import Refused
    from pipeline.normalisation.coding import NoSuchColumn, coded, labels_of_file

    if (file is None) is not bool(label) or (column is not None and file is None):
        raise click.UsageError("expected LABEL... or --file, and --column with --file only")
    if basis is not None and vocabulary != "periods":
        raise click.UsageError("--basis is for periods")
    try:
        found = coded(vocabulary, labels_of_file(file, column) if file is not None else label, basis)
    except NoSuchColumn as refused:
        raise click.UsageError(str(refused)) from refused
    except Refused as refused:
        fail(str(refused), as_json)
    tell(found, as_json, terminal.show_coded)


VERBS = (labels,)
