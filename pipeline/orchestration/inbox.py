"""The inbox in the UI: an asset outside, the sensor that drafts what is dropped there, and a check that says it waits.

What a page shows of an arrival is its ref, its files and what is asked, in words of this module: nothing that stands in
a file or a letter. The rest is told by `foi add --resume REF`, on the machine of whoever runs it.
"""

import json
from collections.abc import Sequence
from typing import Any

import dagster as dg

from pipeline.orchestration.assets import OWNERS
from pipeline.orchestration.metadata import table
from pipeline.orchestration.resources import Foi
from pipeline.reception.waiting import Waiting, waiting
from pipeline.store.digests import digest_of

INBOX = dg.AssetKey("inbox")
SECONDS_BETWEEN_LOOKS = 20

inbox_asset = dg.AssetSpec(
    INBOX,
    description="What was dropped into raw/inbox/ and waits for a person: drafted once it is quiet, added to raw/ by "
    "`foi add --resume REF` and never by itself.",
    group_name="intake",
    owners=OWNERS,
    kinds={"csv"},
)

_ASKED = {
    "force": "which force?",
    "reference": "which reference is printed?",
    "decision": "what was decided?",
    "question": "what is the question called?",
    "layout": "records or counts?",
    "record_is": "what is one record?",
    "unit": "what is one count one of?",
    "covers": "which period?",
    "missing": "what is missing?",
    "our_reference": "what do we call it?",
    "relation": "does it supersede an answer in raw/?",
}
"""What is asked, by the last part of a question's key. A question's own words may quote a header."""


@dg.asset_check(
    asset=INBOX,
    description="Nothing in raw/inbox/ waits for a person. (WARN)",
)
def nothing_waiting(foi: dg.ResourceParam[Foi]) -> dg.AssetCheckResult:
    """Fail while an arrival waits, and say which."""
    entries = waiting(foi.places)
    return dg.AssetCheckResult(
        passed=not entries,
        severity=dg.AssetCheckSeverity.WARN,
        description=_words(entries),
        metadata=_metadata(entries),
    )


@dg.sensor(
    name="inbox",
    minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Drafts what is dropped into raw/inbox/ once it is quiet, and says what waits for a person.",
)
def inbox_sensor(context: dg.SensorEvaluationContext, foi: dg.ResourceParam[Foi]) -> dg.SensorResult:
    """Draft what is quiet, and report what waits whenever that has changed."""
    # the readers of every kind of file: only this process needs them, and `foi refresh` never
    from pipeline.reception.inbox import draft_quiet, look

    cursor = json.loads(context.cursor) if context.cursor else {"files": {}, "told": None}
    seen = look(foi.places, cursor["files"])
    entries = draft_quiet(foi.places, seen)
    told = digest_of([_words(entries), _rows(entries), _questions(entries)])
    events = [] if told == cursor["told"] else _events(entries)
    writing = f"; waiting until quiet: {', '.join(seen.unsettled)}" if seen.unsettled else ""
    return dg.SensorResult(
        asset_events=events,
        skip_reason=_words(entries) + writing,
        cursor=json.dumps({"files": seen.files, "told": told}),
    )


def _events(
    entries: Sequence[Waiting],
) -> list[dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation]:
    return [
        dg.AssetMaterialization(INBOX, description=_words(entries), metadata=_metadata(entries)),
        dg.AssetCheckEvaluation(
            asset_key=INBOX,
            check_name=nothing_waiting.check_key.name,
            passed=not entries,
            severity=dg.AssetCheckSeverity.WARN,
            description=_words(entries),
            metadata=_metadata(entries),
        ),
    ]


def _metadata(entries: Sequence[Waiting]) -> dict[str, Any]:
    """Return what waits, a row an arrival, what is asked, a row a question, and the commands that answer."""
    metadata: dict[str, Any] = {}
    if entries:
        metadata["waiting"] = table(_rows(entries))
    if questions := _questions(entries):
        metadata["questions"] = table(questions)
    if ready := [entry.ref for entry in entries if not entry.problems]:
        metadata["answer"] = dg.MetadataValue.md("\n".join(f"    foi add --resume {ref}" for ref in ready))
    return metadata


def _rows(entries: Sequence[Waiting]) -> list[dict[str, str]]:
    return [{"ref": entry.ref, "look at": _to_look_at(entry), "files": ", ".join(entry.files)} for entry in entries]


def _questions(entries: Sequence[Waiting]) -> list[dict[str, str]]:
    return [
        {"ref": entry.ref, "key": str(question["key"]), "asked": _asked(str(question["key"]))}
        for entry in entries
        for question in entry.questions
    ]


def _asked(key: str) -> str:
    """Return what a question asks, by its key."""
    *place, last = key.split(".")
    return "which column?" if "columns" in place else _ASKED.get(last, "what the terminal asks?")


def _to_look_at(entry: Waiting) -> str:
    """Return why it cannot be added and what else there is to see, without the words of the letter."""
    said = [*entry.problems, *entry.notes]
    if entry.unsure:
        said.append("look at the letter: places that are unsure")
    if entry.problems:
        said.append("mend it in raw/inbox/, or take it out")
    else:
        count = len(entry.questions)
        said.insert(0, f"{count} asked" if count else "nothing is asked: it waits for a yes")
    return "; ".join(said)


def _words(entries: Sequence[Waiting]) -> str:
    if not entries:
        return "nothing waits in raw/inbox/"
    return f"{len(entries)} waiting: {', '.join(map(_state, entries))}; `foi add --resume REF` answers"


def _state(entry: Waiting) -> str:
    if entry.problems:
        return f"{entry.ref} (cannot be added)"
    return f"{entry.ref} ({len(entry.questions)} question{'' if len(entry.questions) == 1 else 's'})"
