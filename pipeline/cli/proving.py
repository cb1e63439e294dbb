"""Verbs by which somebody who trusts nobody can check us: verify, pack."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pipeline.cli.common import FAILED, GOOD, common, fail, tell
from pipeline.store.places import Places


@click.command()
@click.option("--release", "number", type=int, metavar="N", help="An earlier release [the one in force].")
@click.option(
    "--rebuild", is_flag=True, help="Also build everything from raw/ in a scratch folder and compare digests."
)
@common
def verify(number: int | None, rebuild: bool, places: Places, as_json: bool) -> None:
    """Check a release: its log, its content, the files it stands on, and every figure counted again.

    An earlier release is counted from the records that were kept of it where a file in raw/ is no longer the same.
    Exit 0 where everything holds, 1 with each difference named.
    """
    from pipeline.desk.terminal import proving as terminal
    from pipeline.publication.verify import verify as verify_release
    from pipeline.store.signing import BadKey
    from pipeline.store.withdrawals import TornTombstones

    try:
        found = verify_release(places, number, rebuild).as_json()
    except (LookupError, BadKey, TornTombstones) as error:
        fail(str(error.args[0]), as_json)
    tell(found, as_json, terminal.show_verified if found["release"] is not None else _show_log)
    sys.exit(GOOD if found["ok"] else FAILED)


def _show_log(found: Mapping[str, Any]) -> None:
    """Show what a verification found where no release is in force."""
    from rich.markup import escape

    from pipeline.desk.terminal.console import console

    for words in (*found["chain"]["findings"], *found["notes"]):
        console.print(escape(words))
    console.print(
        "[bold green]The log holds[/bold green]" if found["ok"] else "[bold red]The log does not hold[/bold red]"
    )


@click.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT.zip")
@click.option(
    "--figures", multiple=True, metavar="ID|TABLE", help="Only these figures and what they are made of; again for more."
)
@click.option("--local", is_flag=True, help="With everything, records about persons too; not for handing on.")
@common
def pack(out: Path, figures: tuple[str, ...], local: bool, places: Places, as_json: bool) -> None:
    """Write the release in force to OUT.zip with all that is needed to count it again without our code.

    Of extracts whose bytes may not leave it has digests and codes. Inside: python3 -I recount.py .
    """
    from pipeline.desk.terminal import proving as terminal
    from pipeline.publication.pack.writing import Asked, CannotPack
    from pipeline.publication.pack.zipped import pack as write_pack

    try:
        found = write_pack(places, out, Asked(figures, local))
    except CannotPack as error:
        fail(str(error), as_json)
    tell(found, as_json, terminal.show_packed)


VERBS = (verify, pack)
