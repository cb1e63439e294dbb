"""What every verb has: its places, its exit code, and one JSON document where that is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from pipeline.store.places import Places
from pipeline.store.reference import ReferenceTableError

GOOD, FAILED = 0, 1


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options every verb has: it is given `places` and `as_json`."""

    @wraps(command)
    def with_places(raw: Path | None, warehouse: Path | None, **given: Any) -> None:
        try:
            command(places=Places.of(raw, warehouse), **given)
        except ReferenceTableError as error:
            fail(str(error), given["as_json"])

    options = (
        click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
        click.option("--warehouse", type=click.Path(path_type=Path), help="Where to build [FOI_WAREHOUSE]."),
        click.option("--raw", type=click.Path(path_type=Path), help="Where the extracts lie [FOI_RAW]."),
    )
    return reduce(lambda function, option: option(function), options, with_places)


def document(value: Any) -> None:
    """Write one JSON document to standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def tell(found: Any, as_json: bool, show: Callable[[Any], None]) -> None:
    """Tell what was found: as one JSON document, or shown to a person."""
    if as_json:
        document(found)
    else:
        show(found)


def fail(message: str, as_json: bool) -> NoReturn:
    """Tell what went wrong and end with exit code 1."""
    if as_json:
        document({"error": message})
    click.echo(message, err=True)
    sys.exit(FAILED)
