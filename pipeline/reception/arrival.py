"""Arrival: the files that came, out of their zip or mail, and into the folder of their disclosure.

Here: `unpack`, which takes files, zip archives and mails apart, and `keep`, which writes what came into raw/.
Not here: what a file says, and the manifest that describes it (draft.py).

The bytes of a file never change. An archive is somebody else's: every name and size in it is held to a limit first.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from io import BytesIO
from pathlib import Path, PurePosixPath

from pipeline.intake import yaml_places
from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import manifests
from pipeline.store.files import written
from pipeline.store.naming import slug

MOST_MEMBERS = 200
MOST_BYTES = 500_000_000
"""Bytes that all members of an archive have together."""
MOST_RATIO = 200
"""How many times the size of its archive everything in it may be: text seldom passes 20, a zip bomb thousands."""

_ZIP_START = b"PK\x03\x04"
_ZIP_DOCUMENTS = frozenset({".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".ods", ".odt", ".odp"})
"""Documents that are zip archives themselves and are kept as they are."""
_RUBBISH = frozenset({"__MACOSX", ".DS_Store"})
_BODIES = {"text/plain": "letter.txt", "text/html": "letter.html"}


@dataclass(frozen=True)
class Arrived:
    """One file that came: its name in raw/, its bytes as they came, and where they came from, in words."""

    name: str
    data: bytes
    sha256: str
    from_: str


@dataclass(frozen=True)
class Kept:
    """What `keep` did, by name: files written, and files that lay there already with the same bytes.

    `duplicates` says of a file which others, as <force>/<reference>/<file>, a manifest names with the same bytes.
    """

    written: tuple[str, ...]
    already: tuple[str, ...]
    duplicates: Mapping[str, tuple[str, ...]]


def _say_nothing(_: str) -> None:
    pass


def unpack(
    files: Sequence[Path], say: Callable[[str], None] = _say_nothing, *, letter_given: bool = False
) -> tuple[Arrived, ...]:
    """Return the files that came, in order: zip archives and mails as what is in them, anything else as it is.

    Names become slugs with their extension. The body of a mail becomes letter.txt (letter.html where it is HTML)
    unless `letter_given`. `say` is told what is left out: macOS files, pictures inside the text of a mail. Raises
    Refused for a file that cannot be read, an archive that is not safe, and two files of one name.
    """
    arrived: list[Arrived] = []
    for path in files:
        data = _bytes(path)
        suffix = path.suffix.lower()
        if suffix == ".zip":
            arrived += _members(data, path.name, say)
        elif suffix == ".eml":
            arrived += _mail(data, path.name, say, letter_given)
        else:
            arrived.append(_arrived(path.name, data, path.name))
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
    raw = folder.parent.parent
    named = _named_in_manifests(raw)
    new, already, duplicates = [], [], {}
    for one in arrived:
        path = folder / one.name
        own = path.relative_to(raw).as_posix()
        if others := tuple(name for name in named.get(one.sha256, ()) if name != own):
            duplicates[one.name] = others
        if path.exists():
            already.append(one.name)
            continue
        with written(path) as temporary:
            temporary.write_bytes(one.data)
        new.append(one.name)
    return Kept(tuple(new), tuple(already), duplicates)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            found = "a link" if path.is_symlink() else "a folder or device"
            raise Refused(Problem(path.name, found, "a file", "give the file itself"))
        return path.read_bytes()
    except OSError as error:
        found = "no file" if isinstance(error, FileNotFoundError) else f"no file to read ({error.strerror})"
        raise Refused(Problem(path.name, found, "a file", "name a file")) from error


def _arrived(name: str, data: bytes, from_: str) -> Arrived:
    return Arrived(_slug_name(name, from_), data, hashlib.sha256(data).hexdigest(), from_)


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


# --- zip archives


def _members(data: bytes, file: str, say: Callable[[str], None]) -> Iterator[Arrived]:
    """Yield the files in a zip archive; `file` is how problems name it."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
            _within_limits(infos, len(data), file)
            for info in infos:
                _safe_name(info, file)
                if info.is_dir():
                    continue
                if rubbish := _RUBBISH.intersection(info.filename.split("/")):
                    say(f"{file}: {info.filename} left out ({', '.join(sorted(rubbish))} of macOS)")
                    continue
                yield _member(archive, info, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError) as error:
        remedy = "unpack it by hand, or ask for it again"
        raise Refused(Problem(file, f"a damaged zip archive ({error})", "a zip archive", remedy)) from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> Arrived:
    from_ = f"{file} > {info.filename}"
    if info.flag_bits & 1:
        raise Refused(Problem(from_, "a file under a password", "a file that opens", "unpack it by hand"))
    # read() gives no more than the size that was held to the limits, and checks it
    data = archive.read(info)
    suffix = PurePosixPath(info.filename).suffix.lower()
    if suffix == ".zip" or (data.startswith(_ZIP_START) and suffix not in _ZIP_DOCUMENTS):
        raise Refused(Problem(from_, "a zip archive in a zip archive", "files", "unpack it and give what is in it"))
    return _arrived(info.filename, data, from_)


def _within_limits(infos: Sequence[zipfile.ZipInfo], size: int, file: str) -> None:
    """Raise Refused where an archive has too many members, or says that it unpacks to too much."""
    unpacked = sum(info.file_size for info in infos)
    remedy = "unpack it by hand and give the files"
    if len(infos) > MOST_MEMBERS:
        raise Refused(Problem(file, f"{len(infos)} members", f"at most {MOST_MEMBERS}", remedy))
    if unpacked > MOST_BYTES:
        raise Refused(Problem(file, f"{unpacked:,} bytes unpacked", f"at most {MOST_BYTES:,}", remedy))
    # against the archive itself: members may share the same packed bytes
    if unpacked > MOST_RATIO * size:
        found = f"{unpacked:,} bytes out of {size:,}: a zip bomb"
        raise Refused(Problem(file, found, f"at most {MOST_RATIO} times the archive", remedy))


def _safe_name(info: zipfile.ZipInfo, file: str) -> None:
    """Raise Refused for a member that leads out of its archive or is no plain file."""
    name = info.filename.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not name:
        found = "a member without a name"
    elif name.startswith("/") or ":" in name.split("/")[0]:
        found = f"the absolute name {info.filename!r}"
    elif ".." in name.split("/"):
        found = f"the name {info.filename!r}, which leads out of the archive"
    elif kind == stat.S_IFLNK:
        found = f"the link {info.filename!r}"
    elif kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        found = f"{info.filename!r}, which is a device"
    else:
        return
    raise Refused(Problem(file, found, "plain files below one folder", "do not unpack it; ask for the files again"))


# --- mails


def _mail(data: bytes, file: str, say: Callable[[str], None], letter_given: bool) -> Iterator[Arrived]:
    """Yield the body of a mail as a letter unless one is given, then its attachments, zip archives unpacked."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    if body is not None and not letter_given:
        text = _body_text(body, file)
        if text.strip():
            yield _arrived(_BODIES[body.get_content_type()], text, f"{file} > the text of the mail")
    for number, part in enumerate(_attachments(message, file), 1):
        name = part.get_filename() or f"attachment-{number}"
        if part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment":
            say(f"{file}: {name} left out (a picture inside the text)")
            continue
        payload = _payload(part)
        # what the payload is made of is known to be broken only after it was decoded
        if part.defects:
            found = f"a damaged attachment ({type(part.defects[0]).__name__})"
            raise Refused(Problem(f"{file} > {name}", found, "the file as it was sent", "ask for the mail again"))
        if PurePosixPath(name).suffix.lower() == ".zip":
            yield from _members(payload, f"{file} > {name}", say)
        else:
            yield _arrived(name.replace("\\", "/"), payload, f"{file} > {name}")


def _attachments(part: EmailMessage, file: str) -> Iterator[EmailMessage]:
    """Yield the parts of a mail that are files."""
    if part.get_content_maintype() == "message":
        raise Refused(Problem(file, "a mail attached to a mail", "files", "save the attached mail and give it too"))
    if part.is_multipart():
        for inner in part.iter_parts():
            if isinstance(inner, EmailMessage):
                yield from _attachments(inner, file)
    elif part.get_filename() or part.get_content_disposition() == "attachment":
        yield part


def _body_text(body: MIMEPart, file: str) -> bytes:
    """Return a body as it was written, in UTF-8 where the mail says that it is in another encoding."""
    payload = _payload(body)
    charset = body.get_content_charset() or "us-ascii"
    # us-ascii is also what a mail that says nothing is taken to be
    if charset in {"us-ascii", "utf-8"}:
        return payload
    try:
        return payload.decode(charset).encode("utf-8")
    except (UnicodeError, LookupError) as error:
        found = f"a text that is not {charset}, as it says"
        raise Refused(Problem(file, found, "a mail in one encoding", "save its text as a file")) from error


def _payload(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


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


def _named_in_manifests(raw: Path) -> dict[str, list[str]]:
    """Return, for each SHA-256 that a manifest below raw/ names, the files of that digest."""
    named: dict[str, list[str]] = {}
    for manifest in manifests(raw):
        folder = manifest.parent.relative_to(raw).as_posix()
        for file, sha256 in _extracts(manifest):
            names = named.setdefault(sha256, [])
            if f"{folder}/{file}" not in names:
                names.append(f"{folder}/{file}")
    return named


def _extracts(manifest: Path) -> Iterator[tuple[str, str]]:
    """Yield (file, SHA-256) as a manifest names them; one that cannot be read names none, `foi check` says why."""
    try:
        document, _ = yaml_places.load(manifest.read_bytes().decode("utf-8"), manifest.name)
    except (Refused, OSError, UnicodeDecodeError):
        return
    for table in _list(document, "tables"):
        for entry in _list(table, "extracts"):
            if isinstance(entry, dict) and "file" in entry and "sha256" in entry:
                yield str(entry["file"]), str(entry["sha256"]).lower()


def _list(value: object, key: str) -> list[object]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, list) else []
