"""The verb that tells which columns a column is made from."""

from __future__ import annotations

from typing import Any

import click

from pipeline.cli.common import common, document, fail
from pipeline.store.places import Places


@click.command()
@click.argument("name", required=False)
@click.option("--up", "direction", flag_value="up", default="up", help="What it is made from (the default).")
@click.option("--down", "direction", flag_value="down", help="What is made from it.")
@click.option("--extracts", is_flag=True, help="Which printed columns of the release in force play the parts.")
@common
def lineage(name: str | None, direction: str, extracts: bool, places: Places, as_json: bool) -> None:
    """Show what the column NAME, as TABLE.COLUMN, is made from: up to the columns of the extract.

    With a TABLE alone its columns; without NAME the tables.
    """
    from pipeline.desk import column_lineage
    from pipeline.desk.terminal import lineage as terminal
    from pipeline.lineage.columns import NoSuchColumn

    down = direction == "down"
    if name is None or "." not in name:
        if extracts or down:
            raise click.UsageError("--down and --extracts are of one column: foi lineage TABLE.COLUMN")
    elif down and extracts:
        raise click.UsageError("--extracts tells the columns above one; leave --down out")
    found: dict[str, Any]
    try:
        if name is None:
            found = column_lineage.tables()
        elif "." not in name:
            found = column_lineage.lineage_of_table(name)
        else:
            found = column_lineage.lineage_of_column(name, down)
        if extracts:
            found["extracts"] = column_lineage.headers(places, column_lineage.parts_of(found))
    except NoSuchColumn as error:
        raise click.UsageError(str(error)) from error
    except LookupError as error:
        fail(str(error), as_json)
    if as_json:
        document(found)
    elif "tables" in found:
        terminal.show_tables(found)
    elif "table" in found:
        terminal.show_table_lineage(found)
    else:
        terminal.show_column_lineage(found)
        if extracts:
            terminal.show_headers(found["extracts"])


VERBS = (lineage,)
