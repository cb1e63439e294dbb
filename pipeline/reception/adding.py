"""`foi add`: what arrived becomes a disclosure in raw/, with a manifest drafted from its letter and its files.

Nothing is written before a person has answered what could not be read, and nothing is ever overwritten.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipeline.intake.decoding import fallback_warning
from pipeline.intake.letter_text import Line, letter_text
from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import read_raw
from pipeline.intake.reading import Reading, read_tables
from pipeline.normalisation.forces import force_names, force_title
from pipeline.normalisation.platforms import platform_labels, platforms
from pipeline.publication.report import check_disclosure
from pipeline.reception.arrival import Arrived, keep, unpack
from pipeline.reception.draft import Draft, Question, answer, as_yaml, draft
from pipeline.reception.drafted_table import left_out
from pipeline.reception.earlier import KEYS as VINTAGE_KEYS
from pipeline.reception.earlier import Before, declared, folder_name, same_bytes, to_be_written, vintage_questions
from pipeline.reception.letter import LetterFacts, read_letter
from pipeline.store.files import written
from pipeline.store.places import Places

_LINE_ENDS = (b"\n", b"\r", b"\n\0", b"\r\0")
"""What a file with whole lines ends in; the last two are of UTF-16."""
_LETTERS = (".txt", ".md", ".html", ".htm", ".pdf")


@dataclass(frozen=True)
class Proposal:
    """What arrived, the manifest drafted of it, which file is the letter, and what the letter left open.

    `before` is what raw/ has already, `said` what a person answered because of it.
    """

    arrived: tuple[Arrived, ...]
    draft: Draft
    letter: str | None
    unsure: tuple[str, ...]
    before: Before
    said: Mapping[str, str]

    @property
    def files(self) -> dict[str, str]:
        """The files that go into raw/, each with its SHA-256: all but the letter."""
        return {one.name: one.sha256 for one in self.arrived if one.name != self.letter}

    @property
    def questions(self) -> tuple[Question, ...]:
        """What a person must say before the disclosure can be added."""
        return (*self.draft.questions, *(q for q in self._of_vintages() if q.key not in self.said))

    @property
    def duplicates(self) -> dict[str, tuple[str, ...]]:
        """Files that raw/ has with the same bytes, and where: <force>/<reference>/<file>."""
        return same_bytes(self.before, self.files)

    def answered(self, answers: Mapping[str, str]) -> Proposal:
        """Return the proposal with some questions answered; raises Refused with every answer that cannot be."""
        if (force := answers.get("force", "").strip()) and force not in force_names():
            near = ", ".join(get_close_matches(force.lower(), force_names(), 3, 0.3)) or ", ".join(force_names())
            found, expected = f"the force {force!r}", "a force of pipeline/normalisation/reference/forces.csv"
            raise Refused(Problem("the draft", found, expected, f"near to it: {near}", column="force"))
        drafted = answer(self.draft, {key: said for key, said in answers.items() if key not in VINTAGE_KEYS})
        result = replace(self, draft=drafted)
        said = {key: text for key, text in answers.items() if key in VINTAGE_KEYS}
        asked = {question.key: question for question in result._of_vintages()}
        declared(self.before, drafted.manifest, self.files, said)
        return replace(
            result, said={**self.said, **{key: text or asked[key].proposed or "" for key, text in said.items()}}
        )

    def manifest(self) -> dict[str, Any]:
        """Return the manifest with every answer in it."""
        return declared(self.before, self.draft.manifest, self.files, self.said)

    @property
    def preview(self) -> str:
        """The manifest as it stands, as YAML; what is open is asked behind its value."""
        return as_yaml(self.draft)

    def _of_vintages(self) -> tuple[Question, ...]:
        # which answers came before is known once these two are
        if {"force", "reference"}.intersection(question.key for question in self.draft.questions):
            return ()
        return vintage_questions(self.before, self.draft.manifest, self.files)


def propose(
    places: Places,
    files: Sequence[Path],
    letter: Path | None,
    force: str | None,
    say: Callable[[str], None] = lambda words: None,
) -> Proposal:
    """Return what files and letter give; raises Refused where one of them cannot be taken. Nothing is written.

    `say` is told what is left out. Without `letter`, a mail's body is the letter.
    """
    arrived = unpack(files, say, letter_given=letter is not None)
    if letter is not None:
        arrived = (*arrived, *unpack([letter], say, letter_given=True))
    name = _letter_among(arrived, letter)
    with tempfile.TemporaryDirectory(prefix="foi-add-") as scratch:
        for one in arrived:
            (Path(scratch) / one.name).write_bytes(one.data)
        lines = () if name is None else letter_text(Path(scratch) / name, name)
        facts = None if name is None else _facts(lines)
        readings = {one.name: read_tables(Path(scratch) / one.name, one.name) for one in arrived if one.name != name}
        cut = {one.name for one in arrived if not one.data.endswith(_LINE_ENDS)}
        unsure = (*(facts.unsure if facts else ()), *_warnings(Path(scratch), name, readings, cut))
    digests = {one.name: one.sha256 for one in arrived}
    drafted = draft(facts, readings, force, digests=digests, letter_file=name, cut=cut)
    before = Before(read_raw(places, force_names()).disclosures, " ".join(line.text for line in lines))
    return Proposal(arrived, drafted, name, unsure, before, {})


def _letter_among(arrived: Sequence[Arrived], letter: Path | None) -> str | None:
    if letter is not None:
        return arrived[-1].name
    return next((one.name for one in arrived if is_letter(one.name)), None)


def is_letter(name: str) -> bool:
    """Return whether a file is the letter by its name: `letter`, in a form whose text can be read."""
    return Path(name).stem.lower() == "letter" and Path(name).suffix.lower() in _LETTERS


def _facts(lines: Sequence[Line]) -> LetterFacts:
    known = {code for code, platform in platforms().items() if platform.kind == "platform"}
    labels = {row.label: row.code for row in platform_labels().rows if row.code in known}
    return read_letter(lines, {slug: force_title(slug) for slug in force_names()}, labels)


def _warnings(
    folder: Path, letter: str | None, readings: Mapping[str, Sequence[Reading | Refused]], cut: Collection[str]
) -> tuple[str, ...]:
    """Return what a person must know of how letter and files were read, each with its file, once.

    `cut` are the files whose last line has no line end.
    """
    letter_said = () if letter is None or letter.lower().endswith(".pdf") else fallback_warning(folder / letter, letter)
    told = [f"{letter}: {words}" for words in letter_said]
    for file, tables in readings.items():
        for table in tables:
            if isinstance(table, Reading):
                words = (*table.warnings, *left_out(table, ended=file not in cut))
                told += [f"{file}: {one}" for one in words]
    return tuple(dict.fromkeys(told))


def asked(
    proposal: Proposal,
    answers: Mapping[str, str],
    ask: Callable[[Question], str] | None,
    say: Callable[[str], None],
    note: Callable[[Proposal, Mapping[str, str]], None] = lambda proposal, answers: None,
) -> Proposal:
    """Return the proposal with the answers given and, where there is someone to `ask`, with all others too.

    Raises Refused for an answer given that does not do; one that was asked for is told of it and asked again. Who is
    asked is shown the draft first. `note` is told what is answered as it goes.
    """
    proposal = proposal.answered(answers)
    note(proposal, answers)
    if ask is not None and proposal.questions:
        say(proposal.preview)
    while ask is not None and proposal.questions:
        question = proposal.questions[0]
        said = {question.key: ask(question)}
        try:
            proposal = proposal.answered(said)
        except Refused as refused:
            say(str(refused))
        else:
            note(proposal, said)
    return proposal


def added_report(
    places: Places, proposal: Proposal, write: Callable[[Places, Proposal], dict[str, Any]]
) -> dict[str, Any]:
    """Return {added, draft, questions, unsure, duplicates}: what was written, or what is asked where something is open.

    `draft` is the manifest as it stands, as YAML.
    """
    return {
        "draft": proposal.preview,
        "added": None if proposal.questions else write(places, proposal),
        "questions": [vars(question) for question in proposal.questions],
        "unsure": list(proposal.unsure),
        "duplicates": {file: list(others) for file, others in proposal.duplicates.items()},
    }


def add(places: Places, proposal: Proposal) -> dict[str, Any]:
    """Write a proposal without open questions below raw/.

    Returns {folder, kept, already, manifest, to_do, check}. Raises Refused where something open is left or
    something is in the way; then nothing is written.
    """
    folder = target_folder(places, proposal)
    target = folder / MANIFEST_NAME
    if target.exists():
        found = "a manifest that is there already"
        raise Refused(
            Problem(places.shown(target), found, "a new disclosure", "edit it, or add one that supersedes it")
        )
    manifest = proposal.manifest()
    # a letter is somebody's text: its facts, digest and place are kept, not its bytes
    kept = keep([one for one in proposal.arrived if one.name != proposal.letter], folder)
    with written(target, mode=0o644) as temporary:
        temporary.write_text(as_yaml(Draft(manifest, ())), "utf-8")
    to_do = to_be_written(proposal.before, manifest, proposal.said)
    return {
        "folder": places.shown(folder),
        "kept": list(kept.written),
        "already": list(kept.already),
        "manifest": places.shown(target),
        "to_do": [to_do] if to_do else [],
        "check": check_disclosure(folder),
    }


def target_folder(places: Places, proposal: Proposal) -> Path:
    """Return the folder below raw/ that a proposal goes into; raises Refused where it cannot be said yet."""
    manifest = proposal.manifest()
    if proposal.questions:
        keys = ", ".join(q.key for q in proposal.questions)
        raise Refused(Problem("the draft", f"open questions: {keys}", "an answer to each", "pass --answer KEY=TEXT"))
    if manifest["force"] not in force_names():
        found, known = f"the force {manifest['force']!r}", "a force of pipeline/normalisation/reference/forces.csv"
        raise Refused(Problem("the draft", found, known, "mend --force or add the force there"))
    name = folder_name(manifest)
    if name is None:
        found = f"the reference {manifest['reference']!r}"
        raise Refused(Problem("the draft", found, "a letter a to z or a digit in it", "answer reference again"))
    return places.raw / str(manifest["force"]) / name
