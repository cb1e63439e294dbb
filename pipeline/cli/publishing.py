"""Verbs that build, publish, put back and hand out the figures."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pipeline.cli.common import FAILED, GOOD, common, fail, tell
from pipeline.store.places import Places


@click.command()
@click.option("--resume", is_flag=True, help="End the hold that a rollback left, then refresh.")
@common
def refresh(places: Places, as_json: bool, resume: bool) -> None:
    """Refresh the figures from raw/ and publish a release if anything is new.

    An extract that cannot be read is refused with the place and the reason; the others are refreshed all the same, and
    the exit code is 1. A failed ERROR check leaves the last release in place. FOI_SIGNING_KEY names a key that signs
    the line in the release log, FOI_KEPT_RELEASES how many releases are kept.
    """
    from pipeline.desk.terminal import console
    from pipeline.desk.terminal import publishing as terminal
    from pipeline.publication.release import resume as end_hold
    from pipeline.publication.retention import BadSetting, kept_releases
    from pipeline.store.lock import Busy
    from pipeline.store.signing import BadKey, signer
    from pipeline.store.withdrawals import TornTombstones, tombstones

    try:
        signer()
        kept_releases()
    except (BadKey, BadSetting) as error:
        raise click.UsageError(str(error)) from error
    if not places.raw.is_dir():
        fail(f"{places.raw}: found no folder; expected raw/ with the disclosures; mend --raw or FOI_RAW", as_json)
    try:
        places.warehouse.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(f"{places.warehouse}: cannot be made or written ({error.strerror}); mend --warehouse", as_json)
    try:
        tombstones(places)
        if resume:
            end_hold(places)
        with console.progress(quiet=as_json) as say:
            report = _refresh(places, say)
    except (Busy, TornTombstones) as error:
        fail(str(error), as_json)
    tell(report, as_json, terminal.show_refresh)
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
    from pipeline.normalisation.vocabulary import read_tables
    from pipeline.publication.ahead import ahead
    from pipeline.publication.build import Build
    from pipeline.publication.release import standing
    from pipeline.publication.report import refresh_report
    from pipeline.store.lock import refresh_lock

    say("looking at raw/")
    build = Build.of(places)
    outcome = standing(build)
    if outcome is None:
        read_tables()
        say("starting Dagster")
        with refresh_lock(places.lock), ahead(build) as wait_for:
            with _imported_for_good():
                from pipeline.orchestration.run import refresh as run

            outcome = run(build, say, wait_for)
    return refresh_report(build, outcome)


@click.command()
@click.argument("number", type=int)
@common
def rollback(number: int, places: Places, as_json: bool) -> None:
    """Put release NUMBER in force again and hold publication until `foi refresh --resume`."""
    from pipeline.publication.release import rollback as roll_back
    from pipeline.store.lock import Busy
    from pipeline.store.signing import BadKey

    try:
        release = roll_back(places, number)
    except (LookupError, Busy, BadKey) as error:
        fail(str(error.args[0]), as_json)
    words = f"release {release.number} is in force; publication is held until `foi refresh --resume`"
    tell({"release": release.number, "held": True}, as_json, lambda _: click.echo(words))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--local", is_flag=True, help="With row-level values of record-level extracts; not for handing on.")
@common
def export(file: Path, local: bool, places: Places, as_json: bool) -> None:
    """Write the release in force to FILE.duckdb, one self-contained file for BI tools."""
    from pipeline.publication.export import export as write_export

    try:
        write_export(places, file, local)
    except (LookupError, FileExistsError, NotADirectoryError) as error:
        fail(str(error.args[0]), as_json)
    tell({"file": str(file), "local": local}, as_json, lambda _: click.echo(f"wrote {file}"))


@click.command()
@common
def status(places: Places, as_json: bool) -> None:
    """Show the release in force: its extracts with their ledger, and its checks."""
    from pipeline.desk import reading
    from pipeline.desk.terminal import publishing as terminal

    found = reading.status(places)
    tell(found, as_json, terminal.show_status)


VERBS = (
    refresh,
    rollback,
    export,
    status,
)
