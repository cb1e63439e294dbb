"""What lies in raw/: every disclosure and extract, and what was refused before a file was opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from pipeline.intake.manifest import MANIFEST_NAME, Disclosure, Extract, extracts_of, read_manifest
from pipeline.intake.problem import Problem, Refused
from pipeline.store.places import Places
from pipeline.store.withdrawals import withdrawn_bytes

NOT_DISCLOSURES = frozenset({"claims", "inbox"})
"""Folders of raw/ that hold no disclosures."""


@dataclass(frozen=True)
class Refusal:
    """Something that was not taken: an extract by its id, or a disclosure as a whole by its name."""

    name: str
    problems: tuple[Problem, ...]

    @property
    def reason(self) -> str:
        """All problems in words, one a line."""
        return "\n".join(str(p) for p in self.problems)


@dataclass(frozen=True)
class Raw:
    """One look at raw/. `stray` are files that no manifest names."""

    disclosures: tuple[Disclosure, ...]
    extracts: tuple[Extract, ...]
    refusals: tuple[Refusal, ...]
    stray: tuple[str, ...]


def read_raw(places: Places, force_names: Mapping[str, bool]) -> Raw:
    """Return what lies in raw/, in the order of force and reference. A raw/ that is not there is empty."""
    disclosures: list[Disclosure] = []
    extracts: list[Extract] = []
    refusals: list[Refusal] = []
    stray: list[str] = []
    for folder in _disclosure_folders(places.raw):
        manifest = folder / MANIFEST_NAME
        if not manifest.is_file():
            stray += _stray(folder, places, None)
            continue
        try:
            disclosure = read_manifest(manifest, force_names, places.shown(manifest))
        except Refused as error:
            refusals.append(Refusal(f"{folder.parent.name}/{folder.name}", error.problems))
            continue
        disclosures.append(disclosure)
        extracts += extracts_of(disclosure, folder)
        stray += _stray(folder, places, disclosure)
    refusals += _unknown_predecessors(disclosures, places)
    refused = {refusal.name for refusal in refusals}
    return Raw(
        disclosures=tuple(d for d in disclosures if d.name not in refused),
        extracts=tuple(e for e in extracts if e.disclosure.name not in refused),
        refusals=tuple(refusals),
        stray=tuple(stray),
    )


def read_disclosure(folder: Path, places: Places, force_names: Mapping[str, bool]) -> Raw:
    """Return what lies in one disclosure folder; raises Refused with all problems of its manifest."""
    manifest = folder / MANIFEST_NAME
    if not manifest.is_file():
        raise Refused(
            Problem(
                file=places.shown(folder),
                found=f"no {MANIFEST_NAME}",
                expected="a folder raw/<force>/<reference> with a manifest",
                remedy="write one, see docs/manifest.md",
            )
        )
    disclosure = read_manifest(manifest, force_names, places.shown(manifest))
    return Raw((disclosure,), tuple(extracts_of(disclosure, folder)), (), _stray(folder, places, disclosure))


def _stray(folder: Path, places: Places, disclosure: Disclosure | None) -> tuple[str, ...]:
    """Return the files of a folder that its manifest does not name, all where there is none."""
    files = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    tables = disclosure.tables if disclosure else ()
    named = {entry.file for table in tables for entry in table.extracts} | ({MANIFEST_NAME} if disclosure else set())
    return tuple(places.shown(p) for p in files if p.name not in named)


def file_problem(extract: Extract, places: Places) -> Problem | None:
    """Return why the file of an extract cannot even be opened, or None."""
    path, shown = extract.path, places.shown(extract.path)
    gone = withdrawn_bytes(places).get(extract.sha256)
    if gone is not None:
        return Problem(
            shown,
            f"bytes that were withdrawn on {gone.date}: {gone.reason}",
            "nothing in their place, or another file",
            "take the file and its entry out of the manifest; a correction is a new extract with `corrects`",
        )
    if not path.exists():
        return Problem(shown, "no file", "the file that the manifest names", "put it there or mend `file`")
    if not path.is_file():
        return Problem(shown, "a folder or device", "a file", "put the file there or mend `file`")
    if not path.resolve().is_relative_to(places.raw):
        return Problem(shown, "a link that leads out of raw/", "a file in raw/", "copy the file itself")
    return None


def manifests(raw: Path) -> list[Path]:
    """Return the manifest of every disclosure in raw/, by path; what lies in `NOT_DISCLOSURES` has none."""
    return [path for folder in _disclosure_folders(raw) if (path := folder / MANIFEST_NAME).is_file()]


class Answer(Protocol):
    """What of a disclosure says how it stands to others."""

    @property
    def name(self) -> str:
        """Its force and its folder, <force>/<folder>."""

    @property
    def force(self) -> str:
        """The force that gave it."""

    @property
    def reference(self) -> str | None:
        """The reference that it prints."""

    @property
    def supersedes(self) -> str | None:
        """The answer that it replaces, as its manifest names it."""

    @property
    def corrects(self) -> str | None:
        """The answer that it corrects, as its manifest names it."""


A = TypeVar("A", bound=Answer)


def replacements(answers: Sequence[A]) -> list[tuple[A, A, str]]:
    """Return (older, newer, word) for each answer that another one supersedes or corrects, in order of the newer."""
    return [
        (older, newer, word)
        for newer in answers
        for word in ("supersedes", "corrects")
        if (named := getattr(newer, word)) is not None and (older := predecessor(newer, named, answers)) is not None
    ]


def predecessor(disclosure: A, named: str, disclosures: Iterable[A]) -> A | None:
    """Return the answer that `supersedes` or `corrects` of another one names; None where none or several would do.

    `named` is the name of its folder, or its printed reference where no other one of the force has it. The same request
    answered again often bears the same reference: a disclosure never names itself.
    """
    others = [d for d in disclosures if d.force == disclosure.force and d.name != disclosure.name]
    in_folder = [d for d in others if d.name == f"{d.force}/{named}"]
    found = in_folder or [d for d in others if d.reference == named]
    return found[0] if len(found) == 1 else None


def _disclosure_folders(raw: Path) -> list[Path]:
    if not raw.is_dir():
        return []
    forces = sorted(f for f in raw.iterdir() if f.is_dir() and not f.name.startswith("."))
    return sorted(
        folder
        for force in forces
        if force.name not in NOT_DISCLOSURES
        for folder in force.iterdir()
        if folder.is_dir() and not folder.name.startswith(".")
    )


def _unknown_predecessors(disclosures: list[Disclosure], places: Places) -> list[Refusal]:
    refusals = []
    for disclosure in disclosures:
        for word in ("supersedes", "corrects"):
            named = getattr(disclosure, word)
            if named is not None and predecessor(disclosure, named, disclosures) is None:
                problem = Problem(
                    file=places.shown(places.raw / disclosure.name / MANIFEST_NAME),
                    column=word,
                    found=repr(named),
                    expected="the reference of one other disclosure of the same force in raw/, or its folder's name",
                    remedy="mend the reference or add that disclosure",
                )
                refusals.append(Refusal(disclosure.name, (problem,)))
    return refusals
