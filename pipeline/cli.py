"""`foi`: the verbs, each a few lines. Imports stand inside the verbs, so that a read never pays for Dagster."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import reduce, wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from pipeline.store.places import Places

GOOD, FAILED = 0, 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="foi-figures")
def main() -> None:
    """Figures from FOI extracts that open back to their source lines.

    Every verb takes --json for one document on standard output. Exit: 0 good, 1 a check or comparison failed, 2 usage.
    """
    from pipeline.store.reference import NoSuchTable, own_folder

    try:
        own_folder()
    except NoSuchTable as error:
        raise click.UsageError(str(error)) from error


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options every verb has: it is given `places` and `as_json`."""

    @wraps(command)
    def with_places(raw: Path | None, warehouse: Path | None, **given: Any) -> None:
        command(places=Places.of(raw, warehouse), **given)

    options = (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
        click.option("--warehouse", type=click.Path(path_type=Path), help="Where to build [FOI_WAREHOUSE]."),
        click.option("--raw", type=click.Path(path_type=Path), help="Where the extracts lie [FOI_RAW]."),
    )
    return reduce(lambda function, option: option(function), options, with_places)


def _document(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _tell(found: Any, as_json: bool, show: Callable[[Any], None]) -> None:
    """Tell what was found: as one JSON document, or shown to a person."""
    if as_json:
        _document(found)
    else:
        show(found)


def _fail(message: str, as_json: bool) -> NoReturn:
    if as_json:
        _document({"error": message})
    click.echo(message, err=True)
    sys.exit(FAILED)


@main.command()
@click.option("--resume", is_flag=True, help="End the hold that a rollback left, then refresh.")
@_common
def refresh(places: Places, as_json: bool, resume: bool) -> None:
    """Refresh the figures from raw/ and publish a release if anything is new.

    An extract that cannot be read is refused with the place and the reason; the others are refreshed all the same, and
    the exit code is 1. A failed ERROR check leaves the last release in place.
    """
    from pipeline.desk import terminal
    from pipeline.publication.release import resume as end_hold
    from pipeline.store.lock import Busy

    if not places.raw.is_dir():
        _fail(f"{places.raw}: found no folder; expected raw/ with the disclosures; mend --raw or FOI_RAW", as_json)
    try:
        places.warehouse.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _fail(f"{places.warehouse}: cannot be made or written ({error.strerror}); mend --warehouse", as_json)
    try:
        if resume:
            end_hold(places)
        with terminal.progress(quiet=as_json) as say:
            report = _refresh(places, say)
    except Busy as busy:
        _fail(str(busy), as_json)
    _tell(report, as_json, terminal.show_refresh)
    good = not report["extracts"]["refused"] and not any(
        c["severity"] == "ERROR" and not c["passed"] for c in report["checks"]
    )
    sys.exit(GOOD if good else FAILED)


@contextmanager
def _imported_for_good() -> Iterator[None]:
    """Import without looking for garbage, and never look at what was imported again: a tenth of a first refresh."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _refresh(places: Places, say: Callable[[str], None]) -> dict[str, Any]:
    from pipeline.publication.build import Build
    from pipeline.publication.release import standing
    from pipeline.publication.report import refresh_report

    say("looking at raw/")
    build = Build.of(places)
    outcome = standing(build)
    if outcome is None:
        say("starting Dagster")
        with _imported_for_good():
            from pipeline.orchestration.run import refresh as run

        outcome = run(build, say)
    return refresh_report(build, outcome)


@main.command()
@_common
def status(places: Places, as_json: bool) -> None:
    """Show the release in force: its extracts with their ledger, and its checks."""
    from pipeline.desk import reading, terminal

    found = reading.status(places)
    _tell(found, as_json, terminal.show_status)


@main.command()
@click.argument("table", required=False)
@click.option("--where", multiple=True, metavar="DIM=VALUE", help="Only figures with this value; may be repeated.")
@click.option("--synthetic", is_flag=True, help="Made-up extracts too.")
@click.option("--superseded", is_flag=True, help="Figures that a later answer replaces too.")
@_common
def figures(
    table: str | None,
    where: tuple[str, ...],
    synthetic: bool,
    superseded: bool,
    places: Places,
    as_json: bool,
) -> None:
    """List the figures of TABLE, or say which tables there are."""
    from pipeline.desk import reading, terminal

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
        _fail(str(nothing), as_json)
    _tell(found, as_json, lambda found: terminal.show_figures(found, table))


@main.command()
@click.argument("figure_id")
@click.option("--all", "every", is_flag=True, help="All lines, not only the first.")
@_common
def trace(figure_id: str, every: bool, places: Places, as_json: bool) -> None:
    """Open a figure back to its source lines."""
    from pipeline.lineage.trace import NotFound
    from pipeline.lineage.trace import trace as trace_figure

    try:
        found = trace_figure(places, figure_id)
    except NotFound as error:
        _fail(str(error), as_json)
    if as_json:
        _document(found)
    else:
        from pipeline.desk import terminal

        terminal.show_trace(found, every)


@main.command()
@click.argument("name", required=False)
@_common
def vintages(name: str | None, places: Places, as_json: bool) -> None:
    """List the answers to one question in time, and what changed in their lines.

    Without NAME, every answer that replaces or corrects another one. NAME is <force>/<reference>, or with /<table>.
    """
    from pipeline.desk import terminal
    from pipeline.lineage.trace import NotFound
    from pipeline.lineage.vintages import vintages as find_vintages

    try:
        found = find_vintages(places, name)
    except NotFound as error:
        _fail(str(error), as_json)
    _tell(found, as_json, terminal.show_vintages)


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_common
def check(path: Path, places: Places, as_json: bool) -> None:
    """Say whether PATH would be accepted, and if not what to mend: a disclosure folder, or one extract in it.

    Nothing is stored.
    """
    from pipeline.desk import terminal
    from pipeline.publication.report import check_disclosure

    report = check_disclosure(path)
    _tell(report, as_json, terminal.show_check)
    sys.exit(GOOD if report["accepted"] else FAILED)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--header-line", type=click.IntRange(min=0), help="Line or row of the header; 0 = none.")
@click.option("--delimiter", help="One of , ; | or tab.")
@click.option("--encoding", help="As Python calls it, such as utf-16-le or cp1252.")
@click.option("--sheet", help="The sheet of a workbook, by its name.")
@click.option("--cells", help="The cells of the sheet that hold the table, such as A3:F20.")
@click.option("--table", type=click.IntRange(min=1), help="The number of the table in a letter (txt, md, html, pdf).")
@_common
def read(
    file: Path,
    header_line: int | None,
    delimiter: str | None,
    encoding: str | None,
    sheet: str | None,
    cells: str | None,
    table: int | None,
    places: Places,
    as_json: bool,
) -> None:
    """Show what the reader makes of FILE, with a manifest or without: text, a workbook, or a letter with tables.

    Nothing is stored. Every line is told: a record, rejected, or set aside, each by the name of a rule. What can be
    seen in two ways is refused, and the reason says which option settles it.
    """
    from pipeline.desk import terminal
    from pipeline.intake.areas import area_of
    from pipeline.intake.delimited import DELIMITERS
    from pipeline.intake.reading import Asked
    from pipeline.intake.survey import is_encoding
    from pipeline.publication.report import read_report

    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise click.BadParameter(f"{delimiter!r} is none of , ; | or tab", param_hint="--delimiter")
    if encoding is not None and not is_encoding(encoding):
        raise click.BadParameter(f"{encoding!r} is no encoding of text", param_hint="--encoding")
    if cells is not None:
        try:
            cells = str(area_of(cells.upper()))
        except ValueError as error:
            raise click.BadParameter(f"{cells!r} is no area such as A3:F20", param_hint="--cells") from error
    kinds = {"workbook": sheet or cells, "letter": table, "text": delimiter or encoding}
    if len(said := [kind for kind, option in kinds.items() if option]) > 1:
        raise click.UsageError(f"options of a {' and of a '.join(said)}: a file is one of them")
    report = read_report(file, Asked(header_line, delimiter, encoding, sheet, cells, table))
    shown = os.fsencode(file).decode("utf-8", "replace")
    _tell(report, as_json, lambda report: terminal.show_reading(shown, report))
    sys.exit(FAILED if "refused" in report else GOOD)


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--resume", metavar="REF", help="Add what waits in raw/inbox/ as REF; `foi status` lists it.")
@click.option("--letter", type=click.Path(path_type=Path), help="The letter: txt, md, html or pdf.")
@click.option("--force", help="The force, as a slug of forces.csv, where the letter does not say it.")
@click.option("--as", "mapping", metavar="MAPPING", help="The files are of a known form: police-uk-street.")
@click.option("--answer", "answers", multiple=True, metavar="KEY=TEXT", help="Answer a question; may be repeated.")
@_common
def add(
    files: tuple[Path, ...],
    resume: str | None,
    letter: Path | None,
    force: str | None,
    mapping: str | None,
    answers: tuple[str, ...],
    places: Places,
    as_json: bool,
) -> None:
    """Take FILES that arrived (also zip and eml) into raw/, with a manifest drafted from the letter and the files.

    What could not be read is asked, in a terminal one by one, else as a list of keys for --answer. Nothing is written
    before every question has an answer, and nothing is overwritten. --resume takes what was dropped into raw/inbox/
    instead: answers are kept from call to call, and the files leave the inbox once raw/ has them. --as takes files of
    a known form, all of them as one table.
    """
    from pipeline.desk import terminal
    from pipeline.intake.problem import Refused
    from pipeline.reception.adding import add as write_disclosure
    from pipeline.reception.adding import added_report, asked, propose
    from pipeline.reception.inbox import resume as resume_arrival
    from pipeline.reception.mapped import propose_mapped

    if (resume is None) is not bool(files) or (resume is not None and (letter or force)):
        raise click.UsageError("expected FILES, or --resume REF alone with its answers")
    if mapping is not None and (resume or letter or force):
        raise click.UsageError("--as goes with FILES and answers alone: a known form has no letter and names its force")
    try:
        said = dict(text.split("=", 1) for text in answers)
    except ValueError as error:
        raise click.BadParameter("expected KEY=TEXT", param_hint="--answer") from error
    ask = None if as_json or not sys.stdin.isatty() else terminal.ask
    try:
        if resume is not None:
            report = resume_arrival(places, resume, said, ask, terminal.tell)
        else:
            proposal = (
                propose(places, files, letter, force, terminal.tell)
                if mapping is None
                else propose_mapped(places, files, mapping, terminal.tell)
            )
            report = added_report(places, asked(proposal, said, ask, terminal.tell), write_disclosure)
    except Refused as refused:
        _fail(str(refused), as_json)
    _tell(report, as_json, terminal.show_added)
    sys.exit(GOOD if report["added"] and report["added"]["check"]["accepted"] else FAILED)


@main.group(invoke_without_command=True)
@click.option("--dimension", type=click.Choice(["period", "offence", "outcome", "platform", "age"]))
@click.option("--disclosure", metavar="FORCE/REFERENCE", help="Only labels of this disclosure.")
@click.option("--table", metavar="ID", help="Only labels of tables with this id.")
@_common
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
    from pipeline.desk import reading, terminal
    from pipeline.desk.worklist import worklist

    if context.invoked_subcommand is not None:
        return
    try:
        found = worklist(places, dimension, disclosure, table)
    except reading.Unknown as unknown:
        raise click.UsageError(str(unknown)) from unknown
    except reading.NothingPublished as nothing:
        _fail(str(nothing), as_json)
    _tell(found, as_json, terminal.show_worklist)


@labels.command()
@click.argument("label", required=False)
@click.option("--vocabulary", type=click.Choice(["platforms", "outcomes", "offences", "ages"]))
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="Candidates a label.")
@_common
def suggest(label: str | None, vocabulary: str | None, limit: int, places: Places, as_json: bool) -> None:
    """Rank the codes whose labels are written most like LABEL, or like each label to be mapped.

    Suggestions only: no label is ever read by likeness.
    """
    from pipeline.desk import reading, terminal
    from pipeline.desk.worklist import suggestions

    try:
        found = suggestions(places, label, vocabulary, limit)
    except reading.NothingPublished as nothing:
        _fail(str(nothing), as_json)
    _tell(found, as_json, terminal.show_suggestions)


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
@_common
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
    from pipeline.desk import terminal
    from pipeline.intake.problem import Refused
    from pipeline.publication import accepting
    from pipeline.store.lock import Busy

    more = {"arrest": arrest or "", "presumed_class": presumed_class or ""}
    if not places.raw.is_dir():
        _fail(f"{places.raw}: found no folder; expected raw/ with the disclosures; mend --raw or FOI_RAW", as_json)
    try:
        name = vocabulary or accepting.vocabulary_of(code)
        decision = accepting.Decision(name, label, code, source, f"{by}, {on:%Y-%m-%d}", note, more)
        accepting.check(decision)
        with terminal.progress(quiet=as_json) as say:
            say("building all figures with the row, in scratch")
            report = accepting.report(decision, accepting.effect(places, decision))
        if not as_json:
            terminal.show_effect(report)
        if yes or (not as_json and sys.stdin.isatty() and click.confirm("Write the row?")):
            accepting.write(places, decision)
            report["written"] = True
    except (Refused, Busy) as refused:
        _fail(str(refused), as_json)
    words = "the row is written; `foi refresh` builds by it" if report["written"] else "nothing is written"
    _tell(report, as_json, lambda _: click.echo(words))
    sys.exit(GOOD if report["written"] else FAILED)


@labels.command()
@click.argument("vocabulary", type=click.Choice(["platforms", "outcomes", "offences", "ages", "periods"]))
@click.argument("label", nargs=-1)
@click.option("--file", type=click.Path(path_type=Path), help="A CSV with a header and a column of labels.")
@click.option("--column", metavar="NAME", help="The column of labels in --file [the first one].")
@click.option(
    "--basis",
    type=click.Choice(["calendar", "financial", "tax", "month", "range"]),
    help="Periods: what a manifest would declare.",
)
@_common
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
    from pipeline.desk import terminal
    from pipeline.intake.problem import Refused
    from pipeline.normalisation.coding import coded, labels_of_file

    if (file is None) is not bool(label) or (column is not None and file is None):
        raise click.UsageError("expected LABEL... or --file, and --column with --file only")
    if basis is not None and vocabulary != "periods":
        raise click.UsageError("--basis is for periods")
    try:
        found = coded(vocabulary, labels_of_file(file, column) if file is not None else label, basis)
    except Refused as refused:
        _fail(str(refused), as_json)
    _tell(found, as_json, terminal.show_coded)


@main.command()
@click.argument("number", type=int)
@_common
def rollback(number: int, places: Places, as_json: bool) -> None:
    """Put release NUMBER in force again and hold publication until `foi refresh --resume`."""
    from pipeline.publication.release import rollback as roll_back
    from pipeline.store.lock import Busy

    try:
        release = roll_back(places, number)
    except (LookupError, Busy) as error:
        _fail(str(error.args[0]), as_json)
    words = f"release {release.number} is in force; publication is held until `foi refresh --resume`"
    _tell({"release": release.number, "held": True}, as_json, lambda _: click.echo(words))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--local", is_flag=True, help="With row-level values of record-level extracts; not for handing on.")
@_common
def export(file: Path, local: bool, places: Places, as_json: bool) -> None:
    """Write the release in force to FILE.duckdb, one self-contained file for BI tools."""
    from pipeline.publication.release import export as write_export

    try:
        write_export(places, file, local)
    except (LookupError, FileExistsError, NotADirectoryError) as error:
        _fail(str(error.args[0]), as_json)
    _tell({"file": str(file), "local": local}, as_json, lambda _: click.echo(f"wrote {file}"))


if __name__ == "__main__":
    main()
