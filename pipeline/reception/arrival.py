"""Arrival: the files that came, out of their zip or mail, and into the folder of their disclosure.

Here: `unpack`, which takes what came apart and names it, and `keep`, which writes it into raw/.
Not here: zip archives (archive.py), mails (mail.py), what a file says, and the manifest that describes it (draft.py).

The bytes of a file never change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.problem import Problem, Refused
from pipeline.reception.archive import Found, members
from pipeline.reception.mail import parts
from pipeline.store.files import written
from pipeline.store.naming import slug


@dataclass(frozen=True)
class Arrived:
    """One file that came: its name in raw/, its bytes as they came, and where they came from, in words."""

    name: str
    data: bytes
    sha256: str
    from_: str


@dataclass(frozen=True)
class Kept:
    """What `keep` did, by name: files written, and files that lay there already with the same bytes."""

    written: tuple[str, ...]
    already: tuple[str, ...]


def _say_nothing(_: str) -> None:
    pass


def unpack(
    files: Sequence[Path], say: Callable[[str], None] = _say_nothing, *, letter_given: bool = False
) -> tuple[Arrived, ...]:
    """Return the files that came, in order: zip archives and mails as what is in them, anything else as it is.

    Names become slugs with their extension. The body of a mail becomes letter.txt (letter.html where it is HTML)
    unless `letter_given`. `say` is told what is left out (macOS files, pictures inside the text of a mail) and which
    part of a mail had no name. Raises Refused for a file that cannot be read, an archive that is not safe, an archive
    or mail with nothing in it, a mail that is not whole, and two files of one name.
    """
    arrived: list[Arrived] = []
    for path in files:
        data = _bytes(path)
        suffix = path.suffix.lower()
        if suffix == ".zip":
            arrived += map(_arrived, members(data, path.name, say))
        elif suffix == ".eml":
            arrived += map(_arrived, parts(data, path.name, say, letter_given))
        else:
            arrived.append(_arrived(Found(path.name, data, path.name)))
    _all_differ(arrived)
    return tuple(arrived)


def keep(arrived: Sequence[Arrived], folder: Path) -> Kept:
    """Write what came into `folder`, which is raw/<force>/<reference>, and return what was done.

    Nothing is overwritten: the same bytes under the same name stay as they are. Raises Refused, before anything is
    written, where other bytes have the name.
    """
    _all_differ(arrived)
    problems = [p for a in arrived if (p := _in_the_way(a, folder)) is not None]
    if problems:
        raise Refused(*problems)
    new, already = [], []
    for one in arrived:
        path = folder / one.name
        if path.exists():
            already.append(one.name)
            continue
        with written(path) as temporary:
            temporary.write_bytes(one.data)
        new.append(one.name)
    return Kept(tuple(new), tuple(already))


def _bytes(path: Path) -> bytes:
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            found = "a link" if path.is_symlink() else "a folder or device"
            raise Refused(Problem(path.name, found, "a file", "give the file itself"))
        return path.read_bytes()
    except OSError as error:
        found = "no file" if isinstance(error, FileNotFoundError) else f"no file to read ({error.strerror})"
        raise Refused(Problem(path.name, found, "a file", "name a file")) from error


def _arrived(found: Found) -> Arrived:
    name = _slug_name(found.name, found.from_)
    return Arrived(name, found.data, hashlib.sha256(found.data).hexdigest(), found.from_)


def _slug_name(name: str, from_: str) -> str:
    """Return the last part of a name as a slug with its extension; raises Refused where it is no name for raw/."""
    last = PurePosixPath(name)
    try:
        suffix = f".{slug(last.suffix)}" if last.suffix.strip(".") else ""
        result = slug(last.stem if suffix else last.name) + suffix
    except ValueError as error:
        expected = "a name with a letter a to z or a digit"
        raise Refused(Problem(from_, f"the name {last.name!r}", expected, "rename the file")) from error
    if result == MANIFEST_NAME:
        raise Refused(Problem(from_, "the name of a manifest", "a file that came from a force", "rename the file"))
    return result


def _all_differ(arrived: Sequence[Arrived]) -> None:
    first: dict[str, str] = {}
    for one in arrived:
        if one.name in first:
            found = f"{one.name}, which is also the name of {first[one.name]}"
            raise Refused(Problem(one.from_, found, "each file with a name of its own", "rename one of the two"))
        first[one.name] = one.from_


# --- raw/


def _in_the_way(one: Arrived, folder: Path) -> Problem | None:
    """Return why a file cannot be written into a folder, or None."""
    path = folder / one.name
    if one.name != _slug_name(one.name, one.from_):
        return Problem(one.from_, f"the name {one.name!r}", "a slug with an extension", "rename the file")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return Problem(one.name, "a link or folder of that name", "a file, or none", "remove it")
    if path.exists() and path.read_bytes() != one.data:
        return Problem(
            file=one.name,
            found=f"other bytes in {folder.parent.name}/{folder.name} than those of {one.from_}",
            expected="a file stays as it came",
            remedy="put the new file under the reference of its own answer, and declare corrects/supersedes there",
        )
    return None
