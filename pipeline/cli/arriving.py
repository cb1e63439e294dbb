"""Verbs for what arrives: read it, say whether it would be accepted, add it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pipeline.cli.common import FAILED, GOOD, common, fail, tell
from pipeline.store.places import Places


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@common
def check(path: Path, places: Places, as_json: bool) -> None:
    """Say whether PATH would be accepted, and if not what to mend: a disclosure folder, or one extract in it.

    Nothing is stored.
    """
    from pipeline.desk.terminal import arriving as terminal
    from pipeline.publication.report import check_disclosure

    report = check_disclosure(path)
    tell(report, as_json, terminal.show_check)
    sys.exit(GOOD if report["accepted"] else FAILED)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--header-line", type=click.IntRange(min=0), help="Line or row of the header; 0 = none.")
@click.option("--delimiter", help="One of , ; | or tab.")
@click.option("--encoding", help="As Python calls it, such as utf-16-le or cp1252.")
@click.option("--sheet", help="The sheet of a workbook, by its name.")
@click.option("--cells", help="The cells of the sheet that hold the table, such as A3:F20.")
@click.option("--table", type=click.IntRange(min=1), help="The number of the table in a letter (txt, md, html, pdf).")
@common
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
    from pipeline.desk.terminal import arriving as terminal
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
    tell(report, as_json, lambda report: terminal.show_reading(shown, report))
    sys.exit(FAILED if "refused" in report else GOOD)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--resume", metavar="REF", help="Add what waits in raw/inbox/ as REF; `foi status` lists it.")
@click.option("--letter", type=click.Path(path_type=Path), help="The letter: txt, md, html or pdf.")
@click.option("--force", help="The force, as a slug of forces.csv, where the letter does not say it.")
@click.option("--as", "mapping", metavar="MAPPING", help="The files are of a known form: police-uk-street.")
@click.option("--answer", "answers", multiple=True, metavar="KEY=TEXT", help="Answer a question; may be repeated.")
@common
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
    from pipeline.desk.terminal import arriving as terminal
    from pipeline.desk.terminal import console
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
    ask = None if as_json or not sys.stdin.isatty() else console.ask
    try:
        if resume is not None:
            report = resume_arrival(places, resume, said, ask, console.tell)
        else:
            proposal = (
                propose(places, files, letter, force, console.tell)
                if mapping is None
                else propose_mapped(places, files, mapping, console.tell)
            )
            report = added_report(places, asked(proposal, said, ask, console.tell), write_disclosure)
    except Refused as refused:
        fail(str(refused), as_json)
    tell(report, as_json, terminal.show_added)
    sys.exit(GOOD if report["added"] and report["added"]["check"]["accepted"] else FAILED)


VERBS = (
    check,
    read,
    add,
)
