"""`foi add`: what arrived becomes a disclosure in raw/, with a manifest drafted from its letter and its files.

Nothing is written before a person has answered what could not be read, and nothing is ever overwritten.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.intake.arrival import Arrived, keep, unpack
from pipeline.intake.draft import Draft, Question, answer, as_yaml, draft
from pipeline.intake.letter import LetterFacts, letter_text, read_letter
from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reading import Asked, Reading, read_file
from pipeline.normalisation.forces import force_names, force_title
from pipeline.normalisation.platforms import platform_labels, platforms
from pipeline.publication.report import check_disclosure
from pipeline.store.files import written
from pipeline.store.naming import slug
from pipeline.store.places import Places

_LETTERS = (".txt", ".md", ".html", ".htm", ".pdf")


@dataclass(frozen=True)
class Proposal:
    """What arrived, the manifest drafted of it, which file is the letter, and what the letter left open."""

    arrived: tuple[Arrived, ...]
    draft: Draft
    letter: str | None
    unsure: tuple[str, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """What a person must say before the disclosure can be added."""
        return self.draft.questions

    def answered(self, answers: Mapping[str, str]) -> Proposal:
        """Return the proposal with some questions answered; raises Refused with every answer that cannot be."""
        return replace(self, draft=answer(self.draft, answers))


def propose(
    files: Sequence[Path], letter: Path | None, force: str | None, say: Callable[[str], None] = lambda words: None
) -> Proposal:
    """Return what files and letter give; raises Refused where one of them cannot be taken.

    `say` is told what is left out. Without `letter`, a mail's body is the letter.
    """
    arrived = unpack(files, say, letter_given=letter is not None)
    if letter is not None:
        arrived = (*arrived, *unpack([letter], say, letter_given=True))
    name = _letter_among(arrived, letter)
    with tempfile.TemporaryDirectory(prefix="foi-add-") as scratch:
        for one in arrived:
            (Path(scratch) / one.name).write_bytes(one.data)
        facts = None if name is None else _facts(Path(scratch) / name, name)
        readings = {one.name: _reading(Path(scratch) / one.name, one.name) for one in arrived if one.name != name}
    digests = {one.name: one.sha256 for one in arrived}
    drafted = draft(facts, readings, force, digests=digests, letter_file=name)
    return Proposal(arrived, drafted, name, facts.unsure if facts else ())


def _letter_among(arrived: Sequence[Arrived], letter: Path | None) -> str | None:
    if letter is not None:
        return arrived[-1].name
    found = [one.name for one in arrived if Path(one.name).stem == "letter" and Path(one.name).suffix in _LETTERS]
    return found[0] if found else None


def _facts(path: Path, name: str) -> LetterFacts:
    known = {code for code, platform in platforms().items() if platform.kind == "platform"}
    labels = {row.label: row.code for row in platform_labels().rows if row.code in known}
    return read_letter(letter_text(path, name), {slug: force_title(slug) for slug in force_names()}, labels)


def _reading(path: Path, name: str) -> Reading | Refused:
    try:
        return read_file(path, name, Asked())
    except Refused as refused:
        return refused


def add(places: Places, proposal: Proposal) -> dict[str, Any]:
    """Write a proposal without open questions below raw/; return {folder, kept, already, duplicates, manifest, check}.

    Raises Refused where something open is left or something is in the way; then nothing is written.
    """
    manifest = proposal.draft.manifest
    if proposal.questions:
        keys = ", ".join(q.key for q in proposal.questions)
        raise Refused(Problem("the draft", f"open questions: {keys}", "an answer to each", "pass --answer KEY=TEXT"))
    name = f"{manifest['force']}/{manifest.get('our_reference') or slug(str(manifest['reference']))}"
    folder = places.raw / name
    target = folder / MANIFEST_NAME
    if target.exists():
        found = "a manifest that is there already"
        raise Refused(
            Problem(places.shown(target), found, "a new disclosure", "edit it, or add one that supersedes it")
        )
    # a letter is somebody's text: its facts, digest and place are kept, not its bytes
    kept = keep([one for one in proposal.arrived if one.name != proposal.letter], folder)
    with written(target, mode=0o644) as temporary:
        temporary.write_text(as_yaml(proposal.draft), "utf-8")
    return {
        "folder": places.shown(folder),
        "kept": list(kept.written),
        "already": list(kept.already),
        "duplicates": {file: list(others) for file, others in kept.duplicates.items()},
        "manifest": places.shown(target),
        "check": check_disclosure(folder),
    }
