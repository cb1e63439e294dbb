"""`foi`: the command and its verbs, each a few lines.

Imports stand inside the verbs, so that a read never pays for Dagster.
"""

from __future__ import annotations

import click

from pipeline.cli import arriving, asking, changing, labelling, lineage, proving, publishing, withdrawing


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


for verb in (
    *publishing.VERBS,
    *asking.VERBS,
    *changing.VERBS,
    *arriving.VERBS,
    *labelling.VERBS,
    *withdrawing.VERBS,
    *lineage.VERBS,
    *proving.VERBS,
):
    main.add_command(verb)
