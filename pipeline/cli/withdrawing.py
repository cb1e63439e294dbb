"""The verb that takes something out again."""

from __future__ import annotations

import sys

import click

from pipeline.cli.common import common, fail, tell
from pipeline.store.places import Places


@click.command()
@click.argument("ref")
@click.option("--reason", required=True, help="Why; it stays in the tombstone and in the release log.")
@click.option("--extract", "only", multiple=True, help="Only this extract, by its id; may be given again.")
@click.option("--dry-run", is_flag=True, help="Tell what would be taken; touch nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def withdraw(
    ref: str, reason: str, only: tuple[str, ...], dry_run: bool, yes: bool, places: Places, as_json: bool
) -> None:
    """Take an answer REF, or some extracts of it, out of everything we hold, for good.

    REF is <force>/<folder> or the printed reference. Its bytes, what was built from them and every release with them
    are removed, and so are exports and packs that lie where they were written; a tombstone and a line in the release
    log stay. The same bytes are refused from then on. What was handed out, what of it was changed since and what
    version control holds is listed. After that `foi refresh` publishes without it; until then there may be no release
    in force.
    """
    from pipeline.desk.terminal import withdrawing as terminal
    from pipeline.publication.withdrawal.carrying_out import carry_out, plan
    from pipeline.publication.withdrawal.naming import CannotWithdraw
    from pipeline.publication.withdrawal.run_history import HistoryBusy
    from pipeline.store.lock import Busy
    from pipeline.store.signing import BadKey
    from pipeline.store.withdrawals import TornTombstones

    if not reason.strip():
        raise click.UsageError("--reason: found nothing; expected why it is withdrawn, in words")
    if not (yes or dry_run) and (as_json or not sys.stdin.isatty()):
        raise click.UsageError("nobody is there to be asked; say --yes, or --dry-run to see what would be taken")
    try:
        found = plan(places, ref, reason.strip(), only)
        report = found.as_json(places) | {"withdrawn": False}
        if not (yes or dry_run):
            terminal.show_plan(report)
            click.confirm("Remove all this for good?", abort=True, err=True)
        if not dry_run:
            carry_out(places, found)
            report["withdrawn"] = True
    except (CannotWithdraw, Busy, HistoryBusy, BadKey, TornTombstones) as error:
        fail(str(error), as_json)
    tell(report, as_json, terminal.show_withdrawal)


VERBS = (withdraw,)
