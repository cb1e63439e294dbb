"""The inbox: what is dropped into raw/inbox/ is drafted once it is quiet, and waits for a person.

Here: a look at the folder (`look`), the drafts of what is quiet (`draft_quiet`), and what a person says of one, which
takes it into raw/ and out of the inbox (`resume`).
Not here: the draft itself (adding.py) and the list of what waits (waiting.py).

A file that lies directly in raw/inbox/ is one arrival. A folder in it is one arrival of several files, of which
`letter.*` is the letter. Nothing goes from here into raw/ by itself: also an arrival that leaves no question open
waits for the yes of a person, which is `foi add --resume REF`. Files stay where they are until raw/ has them. Taking
the file out of the inbox drops the arrival.
"""

from __future__ import annotations

import contextlib
import stat
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.problem import Problem, Refused
from pipeline.publication.report import check_disclosure
from pipeline.reception.adding import Proposal, add, added_report, asked, is_letter, propose, target_folder
from pipeline.reception.draft import Question
from pipeline.reception.waiting import (
    UNFINISHED,
    Adding,
    Source,
    Waiting,
    alone,
    arrivals_in,
    as_text,
    forget,
    inbox_folder,
    keep_waiting,
    undrafted,
    waiting,
)
from pipeline.store.digests import sha256_file
from pipeline.store.naming import slug
from pipeline.store.places import Places

DRAFTED_IN_A_LOOK = 20_000_000
"""Bytes, unpacked, that are drafted in one look: about ten seconds. A larger arrival is drafted when it is resumed."""
LONGEST_REF = 60
LETTERS = ".letters"
"""Where in the inbox lies what raw/ does not keep: letters and mails, which may be the only copy."""


@dataclass(frozen=True)
class Look:
    """One look at the inbox.

    `files` are {path below the inbox: [size, mtime_ns]}; `arrivals` the files of each arrival by its name; `unsettled`
    the arrivals of which a file may still be written, since it has changed since the last look.
    """

    files: Mapping[str, list[int]]
    arrivals: Mapping[str, tuple[str, ...]]
    unsettled: tuple[str, ...]


def look(places: Places, before: Mapping[str, list[int]]) -> Look:
    """Return what is in the inbox; `before` are the files of the last look.

    An arrival is settled when its files, their sizes and their times are what they were at the last look.
    """
    files: dict[str, list[int]] = {}
    arrivals: dict[str, tuple[str, ...]] = {}
    unsettled = []
    for name, paths in arrivals_in(places).items():
        now = {file: _seen(path) for file, path in paths.items()}
        last = {file: seen for file, seen in before.items() if file == name or file.startswith(f"{name}/")}
        if now != last or any(file.lower().endswith(UNFINISHED) for file in now):
            unsettled.append(name)
        files |= now
        arrivals[name] = tuple(now)
    return Look(files, arrivals, tuple(unsettled))


def draft_quiet(places: Places, seen: Look) -> tuple[Waiting, ...]:
    """Draft what is settled and not drafted yet, forget what has left the inbox, and return all that waits.

    An arrival whose bytes have changed is drafted anew, under the ref it has. What goes beyond DRAFTED_IN_A_LOOK is
    left to the next look.
    """
    with alone(places):
        known = {entry.name: entry for entry in waiting(places)}
        # an inbox that is gone as a whole is a disk that is not there
        gone = known.keys() - seen.arrivals.keys() if inbox_folder(places).is_dir() else set()
        for name in gone:
            forget(places, known.pop(name))
        drafted = 0
        arrivals = arrivals_in(places)
        for name in (name for name in seen.arrivals if name in arrivals and name not in seen.unsettled):
            before = known.get(name)
            if before is not None and (_is_as_it_was(before, arrivals[name]) or _is_in_raw(places, before)):
                continue
            files = {file: _source(path) for file, path in arrivals[name].items()}
            if before is not None and _digests(before.files) == _digests(files):
                if before.files != files:
                    keep_waiting(places, replace(before, files=files))
                continue
            size = sum(_unpacked(path) for path in arrivals[name].values())
            if size <= DRAFTED_IN_A_LOOK:
                drafted += size
                if drafted > DRAFTED_IN_A_LOOK:
                    break
            others = [entry for entry in known.values() if entry.name != name]
            known[name] = _drafted(places, name, files, size, before, others)
            keep_waiting(places, known[name])
    return waiting(places)


def find(places: Places, ref: str) -> Waiting:
    """Return what waits under a ref, in any spelling of it; raises Refused, with a list of what waits."""
    entries = waiting(places)
    found = [entry for entry in entries if entry.ref == ref or entry.ref == _slug(ref)]
    if found:
        return found[0]
    listed = ", ".join(entry.ref for entry in entries) or "nothing waits"
    new = undrafted(places)
    remedy = f"{', '.join(new)} in raw/inbox/ is drafted once `make dev` runs and it is quiet" if new else "name one"
    raise Refused(Problem("raw/inbox", f"nothing that waits as {ref!r}", f"one of: {listed}", remedy))


def resume(
    places: Places,
    ref: str,
    answers: Mapping[str, str],
    ask: Callable[[Question], str] | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> dict[str, Any]:
    """Answer what is asked of an arrival and, once nothing is open, move it into raw/; return as `added_report`.

    Every answer is kept, and one that is given again replaces the one before. What raw/ has already because the call
    before this one was cut off is only taken out of the inbox. Raises Refused where nothing waits under the ref, where
    it cannot be added, and where its files are no longer those that were drafted.
    """
    entry = find(places, ref)
    if (done := _finished(places, entry)) is not None:
        return {"draft": None, "added": done, "questions": [], "unsure": [], "duplicates": {}}

    def note(proposal: Proposal, said: Mapping[str, str]) -> None:
        _remember(places, entry, proposal, said)

    proposal = asked(_resumed(places, entry, answers, say), answers, ask, say, note)
    return added_report(places, proposal, lambda places, proposal: _admit(places, entry, proposal))


def _resumed(places: Places, entry: Waiting, anew: Mapping[str, str], say: Callable[[str], None]) -> Proposal:
    """Return the proposal of what waits, with the answers so far but for those that are given anew."""
    try:
        proposal = _proposed(places, entry.name, say)
    finally:
        # after the reading, so that what was read is what was drafted
        _unchanged(places, entry)
    # in the order in which they were given: some are asked only because of the one before
    for key, said in entry.answers.items():
        if key not in anew and key in {question.key for question in proposal.questions}:
            try:
                proposal = proposal.answered({key: said})
            except Refused as refused:
                # raw/ has changed since: it is asked again
                say(str(refused))
    return proposal


def _remember(places: Places, entry: Waiting, proposal: Proposal, answers: Mapping[str, str]) -> None:
    with alone(places):
        now = find(places, entry.ref)
        others = [other for other in waiting(places) if other.ref != now.ref]
        # an empty answer takes what is proposed today: raw/ may propose something else tomorrow
        said = {**now.answers, **answers, **proposal.said}
        keep_waiting(places, replace(_told(now, proposal, others, ()), answers=said))


def _admit(places: Places, entry: Waiting, proposal: Proposal) -> dict[str, Any]:
    """Write the disclosure into raw/, then take its files out of the inbox; return what `add` says, and `aside`.

    Raises Refused where something is in the way; then the arrival waits as it did.
    """
    with alone(places):
        _unchanged(places, entry)
        entry = find(places, entry.ref)
        folder = target_folder(places, proposal)
        if not (folder / MANIFEST_NAME).exists():
            files = arrivals_in(places)[entry.name].items()
            aside = tuple(file for file, path in files if _is_aside(path, proposal))
            entry = replace(entry, adding=Adding(folder.relative_to(places.raw).as_posix(), proposal.files, aside))
            keep_waiting(places, entry)
        try:
            added = add(places, proposal)
        except Refused:
            keep_waiting(places, replace(entry, adding=None))
            raise
        return added | {"aside": _taken_out(places, entry)}


def _finished(places: Places, entry: Waiting) -> dict[str, Any] | None:
    """Take out of the inbox what raw/ has already and a crash left there; return what `add` would say, else None.

    None where the disclosure is not whole in raw/: then it has to be added.
    """
    adding = entry.adding
    if adding is None or not _is_in_raw(places, entry):
        return None
    folder = places.raw / adding.folder
    with alone(places):
        aside = _taken_out(places, entry)
    return {
        "folder": places.shown(folder),
        "kept": [],
        "already": list(adding.kept),
        "manifest": places.shown(folder / MANIFEST_NAME),
        "to_do": [],
        "check": check_disclosure(folder),
        "aside": aside,
    }


def _is_in_raw(places: Places, entry: Waiting) -> bool:
    """Return whether the disclosure that an arrival was about to become is whole in raw/."""
    if entry.adding is None:
        return False
    folder = places.raw / entry.adding.folder
    kept = {file: _source(folder / file).sha256 for file in entry.adding.kept}
    return (folder / MANIFEST_NAME).is_file() and kept == dict(entry.adding.kept)


# --- the folder


def _seen(path: Path) -> list[int]:
    try:
        found = path.lstat()
    except OSError:
        return [0, 0]
    return [found.st_size, found.st_mtime_ns]


def _source(path: Path) -> Source:
    size, changed = _seen(path)
    try:
        # nothing but a plain file is opened: a pipe would never end
        sha256 = sha256_file(path) if stat.S_ISREG(path.lstat().st_mode) else ""
    except OSError:
        sha256 = ""
    return Source(size, changed, sha256)


def _digests(files: Mapping[str, Source]) -> dict[str, str]:
    return {file: source.sha256 for file, source in files.items()}


def _unpacked(path: Path) -> int:
    """Return the size of a file, or of what a zip archive says is in it; workbooks are such archives too."""
    if path.is_file() and not path.is_symlink():
        with (
            contextlib.suppress(OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError),
            zipfile.ZipFile(path) as z,
        ):
            return sum(member.file_size for member in z.infolist())
    return _seen(path)[0]


def _is_as_it_was(entry: Waiting, paths: Mapping[str, Path]) -> bool:
    """Return whether sizes and times are those of the entry; what could not be read is looked at every time."""
    was = {file: [source.size, source.mtime_ns] for file, source in entry.files.items() if source.sha256}
    return was == {file: _seen(path) for file, path in paths.items()}


def _plain(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(as_text(text) for text in texts)


def _slug(text: str) -> str:
    try:
        return slug(text)
    except ValueError:
        return "arrival"


# --- the draft


def _proposed(places: Places, name: str, say: Callable[[str], None]) -> Proposal:
    """Return what an arrival gives; raises Refused where it cannot be drafted, whatever the reason."""
    paths = arrivals_in(places).get(name, {})
    letter = next((path for file, path in paths.items() if "/" in file and is_letter(path.name)), None)
    try:
        return propose(places, [path for path in paths.values() if path != letter], letter, None, say)
    except Refused:
        raise
    except Exception as error:
        # whatever a stranger's file breaks, the other arrivals go on; the error's own words may quote the file
        found = f"a file that breaks its reader ({type(error).__name__})"
        raise Refused(Problem(name, found, "a file that can be read", "run `foi add` on it, and report it")) from error


def _drafted(
    places: Places,
    name: str,
    files: Mapping[str, Source],
    size: int,
    before: Waiting | None,
    others: Sequence[Waiting],
) -> Waiting:
    """Return the entry of an arrival of `size` bytes: its questions, or why it is not drafted."""
    notes: list[str] = []
    if before is not None and before.answers:
        notes.append("its bytes have changed: what was answered before is forgotten")
    bare = Waiting(before.ref if before is not None else _free_ref(Path(name).stem, others), name, files)
    if size > DRAFTED_IN_A_LOOK:
        return replace(bare, notes=(*notes, f"{size:,} bytes: drafted when a person resumes it"))
    try:
        proposal = _proposed(places, name, notes.append)
    except Refused as refused:
        problems = [str(problem) for problem in refused.problems]
        return replace(bare, notes=_plain(notes), problems=_plain(problems))
    printed = proposal.draft.manifest.get("reference")
    if before is None and printed is not None:
        bare = replace(bare, ref=_free_ref(str(printed), others))
    return _told(bare, proposal, others, notes)


def _told(entry: Waiting, proposal: Proposal, others: Sequence[Waiting], notes: Sequence[str]) -> Waiting:
    """Return the entry with what a proposal asks and shows."""
    told = [
        *notes,
        *(f"{file} has the same bytes as raw/{', raw/'.join(at)}" for file, at in proposal.duplicates.items()),
    ]
    own = set(_digests(entry.files).values()) - {""}
    told += [f"the same bytes wait as {other.ref}" for other in others if own & set(_digests(other.files).values())]
    questions = tuple(
        {"key": q.key, "words": as_text(q.words), "proposed": None if q.proposed is None else as_text(q.proposed)}
        for q in proposal.questions
    )
    return replace(entry, questions=questions, unsure=_plain(proposal.unsure), notes=_plain(told), problems=())


def _free_ref(said: str, others: Sequence[Waiting]) -> str:
    """Return a name as a slug, with a number where another arrival has it."""
    taken = {other.ref for other in others}
    name = _slug(said)[:LONGEST_REF].strip("-")
    numbered = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 2))]
    return next(ref for ref in numbered if ref not in taken)


def _unchanged(places: Places, entry: Waiting) -> None:
    """Raise Refused where the files of an arrival are not those that were drafted; it will be drafted anew."""
    paths = arrivals_in(places).get(entry.name, {})
    if {file: _source(path).sha256 for file, path in paths.items()} == _digests(entry.files):
        return
    found, expected = "other files than those that were drafted", "an arrival that is quiet"
    remedy = "look again at `foi status` once it is drafted anew"
    raise Refused(Problem(f"raw/inbox/{entry.name}", found, expected, remedy))


# --- out of the inbox


def _is_aside(path: Path, proposal: Proposal) -> bool:
    """Return whether a file holds something that raw/ does not keep: the letter, or the text of a mail."""
    letters = [one.from_ for one in proposal.arrived if one.name == proposal.letter]
    came_from = any(from_ == path.name or from_.startswith(f"{path.name} > ") for from_ in letters)
    return came_from or path.suffix.lower() == ".eml"


def _taken_out(places: Places, entry: Waiting) -> list[str]:
    """Take the files of an arrival out of the inbox and forget it; return where the letters lie.

    A file goes only where its bytes are those that were added.
    """
    assert entry.adding is not None
    aside = []
    for file, path in arrivals_in(places).get(entry.name, {}).items():
        if file not in entry.files or _source(path).sha256 != entry.files[file].sha256:
            continue
        if file in entry.adding.aside:
            aside.append(places.shown(_moved(path, inbox_folder(places) / LETTERS / entry.adding.folder)))
        else:
            path.unlink()
    folder = inbox_folder(places) / entry.name
    if folder.is_dir() and not folder.is_symlink():
        with contextlib.suppress(OSError):
            folder.rmdir()
    forget(places, entry)
    return aside


def _moved(path: Path, folder: Path) -> Path:
    """Move a file into a folder under a name that is free there, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [path.name, *(f"{path.stem}-{n}{path.suffix}" for n in range(2, 1000))]
    target = next(folder / name for name in names if not (folder / name).exists())
    path.rename(target)
    return target
