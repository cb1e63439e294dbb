"""`foi`: the verbs, each a few lines. Imports stand inside the verbs, so that a read never pays for Dagster."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options every verb has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
        click.option("--warehouse", type=click.Path(path_type=Path), help="Where to build [FOI_WAREHOUSE]."),
        click.option("--raw", type=click.Path(path_type=Path), help="Where the extracts lie [FOI_RAW]."),
    ):
        command = option(command)
    return command


def _document(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _fail(message: str, as_json: bool) -> NoReturn:
    if as_json:
        _document({"error": message})
    click.echo(message, err=True)
    sys.exit(FAILED)


@main.command()
@click.option("--resume", is_flag=True, help="End the hold that a rollback left, then refresh.")
@_common
def refresh(raw: Path | None, warehouse: Path | None, as_json: bool, resume: bool) -> None:
    """Refresh the figures from raw/ and publish a release if anything is new.

    An extract that cannot be read is refused with the place and the reason; the others are refreshed all the same, and
    the exit code is 1. A failed ERROR check leaves the last release in place.
    """
    from pipeline.desk import terminal
    from pipeline.publication.release import resume as end_hold
    from pipeline.store.lock import Busy

    places = Places.of(raw, warehouse)
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
    if as_json:
        _document(report)
    else:
        terminal.show_refresh(report)
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
def status(raw: Path | None, warehouse: Path | None, as_json: bool) -> None:
    """Show the release in force: its extracts with their ledger, and its checks."""
    from pipeline.desk import reading, terminal

    found = reading.status(Places.of(raw, warehouse))
    if as_json:
        _document(found)
    else:
        terminal.show_status(found)


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
    raw: Path | None,
    warehouse: Path | None,
    as_json: bool,
) -> None:
    """List the figures of TABLE, or say which tables there are."""
    from pipeline.desk import reading, terminal

    try:
        found = reading.figures(
            Places.of(raw, warehouse),
            table,
            reading.conditions(where),
            synthetic=synthetic,
            superseded=superseded,
        )
    except reading.Unknown as unknown:
        raise click.UsageError(str(unknown)) from unknown
    except reading.NothingPublished as nothing:
        _fail(str(nothing), as_json)
    if as_json:
        _document(found)
    else:
        terminal.show_figures(found, table)


@main.command()
@click.argument("figure_id")
@click.option("--all", "every", is_flag=True, help="All lines, not only the first.")
@_common
def trace(figure_id: str, every: bool, raw: Path | None, warehouse: Path | None, as_json: bool) -> None:
    """Open a figure back to its source lines."""
    from pipeline.lineage.trace import NotFound
    from pipeline.lineage.trace import trace as trace_figure

    try:
        found = trace_figure(Places.of(raw, warehouse), figure_id)
    except NotFound as error:
        _fail(str(error), as_json)
    if as_json:
        _document(found)
    else:
        from pipeline.desk import terminal

        terminal.show_trace(found, every)


@main.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_common
def check(path: Path, raw: Path | None, warehouse: Path | None, as_json: bool) -> None:
    """Say whether the disclosure folder PATH would be accepted, and if not what to mend. Nothing is stored."""
    from pipeline.desk import terminal
    from pipeline.publication.report import check_disclosure

    report = check_disclosure(path)
    if as_json:
        _document(report)
    else:
        terminal.show_check(report)
    sys.exit(GOOD if report["accepted"] else FAILED)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--header-line", type=click.IntRange(min=0), help="Physical line of the header; 0 = none.")
@click.option("--delimiter", help="One of , ; | or tab.")
@click.option("--encoding", help="As Python calls it, such as utf-16-le or cp1252.")
@_common
def read(
    file: Path,
    header_line: int | None,
    delimiter: str | None,
    encoding: str | None,
    raw: Path | None,
    warehouse: Path | None,
    as_json: bool,
) -> None:
    """Show what the reader makes of FILE, with a manifest or without. Nothing is stored.

    Every line is told: a record, rejected, or set aside, each by the name of a rule. What can be seen in two ways is
    refused, and the reason says which option settles it.
    """
    from pipeline.desk import terminal
    from pipeline.intake.delimited import DELIMITERS
    from pipeline.intake.lines import is_encoding
    from pipeline.intake.reading import Asked
    from pipeline.publication.report import read_report

    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise click.BadParameter(f"{delimiter!r} is none of , ; | or tab", param_hint="--delimiter")
    if encoding is not None and not is_encoding(encoding):
        raise click.BadParameter(f"{encoding!r} is no encoding of text", param_hint="--encoding")
    report = read_report(file, Asked(header_line, delimiter, encoding))
    if as_json:
        _document(report)
    else:
        terminal.show_reading(os.fsencode(file).decode("utf-8", "replace"), report)
    sys.exit(FAILED if "refused" in report else GOOD)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--letter", type=click.Path(path_type=Path), help="The letter: txt, md, html or pdf.")
@click.option("--force", help="The force, as a slug of forces.csv, where the letter does not say it.")
@click.option("--answer", "answers", multiple=True, metavar="KEY=TEXT", help="Answer a question; may be repeated.")
@_common
def add(
    files: tuple[Path, ...],
    letter: Path | None,
    force: str | None,
    answers: tuple[str, ...],
    raw: Path | None,
    warehouse: Path | None,
    as_json: bool,
) -> None:
    """Take FILES that arrived (also zip and eml) into raw/, with a manifest drafted from the letter and the files.

    What could not be read is asked, in a terminal one by one, else as a list of keys for --answer. Nothing is written
    before every question has an answer, and nothing is overwritten.
    """
    from pipeline.desk import terminal
    from pipeline.intake.problem import Refused
    from pipeline.publication.adding import add as write_disclosure
    from pipeline.publication.adding import propose

    try:
        said = dict(text.split("=", 1) for text in answers)
    except ValueError as error:
        raise click.BadParameter("expected KEY=TEXT", param_hint="--answer") from error
    try:
        proposal = propose(files, letter, force, lambda words: click.echo(words, err=True)).answered(said)
        if not as_json and sys.stdin.isatty():
            for question in proposal.questions:
                words = f"{question.words} [{question.key}]"
                proposal = proposal.answered({question.key: click.prompt(words, default=question.proposed or "")})
        report: dict[str, Any]
        if proposal.questions:
            open_questions = [vars(q) for q in proposal.questions]
            report = {"added": None, "questions": open_questions, "unsure": list(proposal.unsure)}
        else:
            added = write_disclosure(Places.of(raw, warehouse), proposal)
            report = {"added": added, "questions": [], "unsure": list(proposal.unsure)}
    except Refused as refused:
        _fail(str(refused), as_json)
    if as_json:
        _document(report)
    else:
        terminal.show_added(report)
    sys.exit(GOOD if report["added"] and report["added"]["check"]["accepted"] else FAILED)


@main.command()
@click.argument("number", type=int)
@_common
def rollback(number: int, raw: Path | None, warehouse: Path | None, as_json: bool) -> None:
    """Put release NUMBER in force again and hold publication until `foi refresh --resume`."""
    from pipeline.publication.release import rollback as roll_back
    from pipeline.store.lock import Busy

    try:
        release = roll_back(Places.of(raw, warehouse), number)
    except (LookupError, Busy) as error:
        _fail(str(error.args[0]), as_json)
    if as_json:
        _document({"release": release.number, "held": True})
    else:
        click.echo(f"release {release.number} is in force; publication is held until `foi refresh --resume`")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--local", is_flag=True, help="With row-level values of record-level extracts; not for handing on.")
@_common
def export(file: Path, local: bool, raw: Path | None, warehouse: Path | None, as_json: bool) -> None:
    """Write the release in force to FILE.duckdb, one self-contained file for BI tools."""
    from pipeline.publication.release import export as write_export

    try:
        write_export(Places.of(raw, warehouse), file, local)
    except (LookupError, FileExistsError, NotADirectoryError) as error:
        _fail(str(error.args[0]), as_json)
    if as_json:
        _document({"file": str(file), "local": local})
    else:
        click.echo(f"wrote {file}")


if __name__ == "__main__":
    main()
