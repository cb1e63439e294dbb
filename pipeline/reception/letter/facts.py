"""All the facts of a letter, for a first draft of a manifest.

Here: `LetterFacts`, and the reading of a letter from its lines to them (`read_letter`).
Not here: the draft itself, how each fact is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.intake.letter_text import NO_TEXT, Line
from pipeline.intake.manifest import Decision
from pipeline.reception.letter.caveats import LetterCaveat, caveats_of
from pipeline.reception.letter.days import month_first_in, received_on, responded_on, taken_on
from pipeline.reception.letter.decision import decision_of, exemptions_of
from pipeline.reception.letter.identity import force_of, reference_of
from pipeline.reception.letter.parts import rows_of
from pipeline.reception.letter.passages import Fact, place_of
from pipeline.reception.letter.request import platforms_asked, questions_asked


@dataclass(frozen=True)
class LetterFacts:
    """What a letter says. None or empty: not said, or said in a way that a person has to decide (see `unsure`).

    `force` is a slug, `as_at` the day of extraction where one is printed and `as_at_words` every place that speaks
    of it; `platforms` are those asked for, each once, as first printed, `platforms_listed` all of them as printed,
    repeats and unknown names included; `questions` the lines of the request.
    """

    reference: Fact[str] | None
    force: Fact[str] | None
    received: Fact[date] | None
    responded: Fact[date] | None
    decision: Fact[Decision] | None
    exemptions: tuple[Fact[str], ...]
    as_at: Fact[date] | None
    as_at_words: tuple[Fact[str], ...]
    caveats: tuple[LetterCaveat, ...]
    platforms: tuple[Fact[str], ...]
    platforms_listed: tuple[Fact[str], ...]
    questions: tuple[Fact[str], ...]
    unsure: tuple[str, ...]


def read_letter(
    lines: Sequence[Line], force_names: Mapping[str, str], platform_labels: Mapping[str, str]
) -> LetterFacts:
    """Return the facts that the lines of a letter say, and what a person has to look at.

    `force_names` are the known forces, slug -> name; `platform_labels` the known labels of platforms, label -> code,
    in any case: labels of one code are one platform.
    """
    unsure = [
        f"page {line.page} has no text: a scan, or blank; nothing of it is read"
        for line in lines
        if line.line_no == NO_TEXT
    ]
    rows = rows_of(lines, unsure)
    month_first = month_first_in(rows)
    reference = reference_of(rows, unsure)
    force = force_of(rows, force_names, unsure)
    received = received_on(rows, month_first, unsure)
    responded = responded_on(rows, month_first, unsure)
    if received is not None and responded is not None and responded.value < received.value:
        unsure.append(
            f"the answer of {responded.value} ({place_of(responded)}) is before the request of {received.value} "
            f"({place_of(received)})"
        )
    exemptions = exemptions_of(rows, unsure)
    decision = decision_of(rows, exemptions, unsure)
    as_at, as_at_words = taken_on(rows, received, responded, month_first, unsure)
    caveats = caveats_of(rows, unsure)
    platforms, listed = platforms_asked(rows, platform_labels, unsure)
    return LetterFacts(
        reference=reference,
        force=force,
        received=received,
        responded=responded,
        decision=decision,
        exemptions=exemptions,
        as_at=as_at,
        as_at_words=as_at_words,
        caveats=caveats,
        platforms=platforms,
        platforms_listed=listed,
        questions=questions_asked(rows),
        unsure=tuple(unsure),
    )
