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
from email.message import EmailMessage
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
_EXTENSIONS = {
    "text/csv": ".csv",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/tab-separated-values": ".tsv",
    "application/csv": ".csv",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
"""What the name of a part of a mail that has none ends in, by its content type."""
_TRANSFER_ENCODINGS = ("7bit", "8bit", "binary", "quoted-printable", "base64")
"""How what is in a part may be written; a part in another one would be taken for what it is not."""
_CUT_MAIL = "a mail that was cut short or damaged: it has no end, or its parts are not where it says"
_CUT_CODE = "a damaged attachment: what is in it cannot be decoded exactly"
_DEFECTS = {
    "CloseBoundaryNotFoundDefect": _CUT_MAIL,
    "StartBoundaryNotFoundDefect": _CUT_MAIL,
    "NoBoundaryInMultipartDefect": _CUT_MAIL,
    "MultipartInvariantViolationDefect": _CUT_MAIL,
    "InvalidBase64PaddingDefect": _CUT_CODE,
    "InvalidBase64CharactersDefect": _CUT_CODE,
    "InvalidBase64LengthDefect": _CUT_CODE,
}
"""What the parser of mails finds wrong, in words, by the name that it gives."""


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
    unless `letter_given`. `say` is told what is left out (macOS files, pictures inside the text of a mail) and which
    part of a mail had no name. Raises Refused for a file that cannot be read, an archive that is not safe, an archive
    or mail with nothing in it, a mail that is not whole, and two files of one name.
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
            kept = 0
            for info in infos:
                _safe_name(info, file)
                if info.is_dir():
                    continue
                if rubbish := _RUBBISH.intersection(info.filename.split("/")):
                    say(f"{file}: {info.filename} left out ({', '.join(sorted(rubbish))} of macOS)")
                    continue
                kept += 1
                yield _member(archive, info, file)
            if not kept:
                raise Refused(Problem(file, "a zip archive with no file in it", "files", "ask for the files again"))
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
    """Yield the text of a mail as a letter unless one is given, then every other part, zip archives unpacked."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    leaves = [_Leaf(number, part, _whole_payload(part, file)) for number, part in enumerate(_leaves(message, file), 1)]
    if not any(leaf.payload.strip() for leaf in leaves):
        raise Refused(Problem(file, "a mail with nothing in it", "a text or a file", "ask for the mail again"))
    letter, other_form = _letter_of(message, leaves)
    if letter is not None and letter_given:
        say(f"{file}: the text of the mail left out (the letter is another file)")
    elif letter is not None:
        name = _BODIES[letter.part.get_content_type()]
        yield _arrived(name, _body_text(letter.part, letter.payload, file), f"{file} > the text of the mail")
    files = [leaf for leaf in leaves if leaf is not letter]
    if letter_given and not files:
        remedy = "leave the mail out, or give it without another letter"
        raise Refused(Problem(file, "a mail that has no file in it", "a file beside the letter", remedy))
    for leaf in files:
        if leaf is other_form:
            say(f"{file}: part {leaf.number} left out (the text of the mail again, as HTML)")
        else:
            yield from _file_of_mail(leaf, file, say)


@dataclass(frozen=True)
class _Leaf:
    """A part of a mail that has no parts itself: its number among them, 1-based, and what is in it."""

    number: int
    part: EmailMessage
    payload: bytes

    @property
    def is_text_of_mail(self) -> bool:
        """True for a text that has no name of its own, is not attached, and says something."""
        named = self.part.get_filename() or self.part.get_content_disposition() == "attachment"
        return self.part.get_content_type() in _BODIES and not named and bool(self.payload.strip())


def _letter_of(message: EmailMessage, leaves: Sequence[_Leaf]) -> tuple[_Leaf | None, _Leaf | None]:
    """Return the part that is the letter, and the one that says the same in HTML; None where there is none.

    The letter is the first text of the mail, and where that has several forms the plain one.
    """
    texts = [leaf for leaf in leaves if leaf.is_text_of_mail]
    if not texts:
        return None, None
    first = texts[0]
    forms = [leaf for leaf in texts if leaf is first or leaf.part in _forms_of(message, first.part)]
    plain = next((leaf for leaf in forms if leaf.part.get_content_type() == "text/plain"), None)
    html = next((leaf for leaf in forms if leaf.part.get_content_type() == "text/html"), None)
    return (first, None) if plain is None else (plain, html)


def _forms_of(message: EmailMessage, text: EmailMessage) -> list[EmailMessage]:
    """Return all parts of the part that holds a text in several forms; none where the text has one form."""
    for part in message.walk():
        if part.get_content_type() == "multipart/alternative":
            inside = [inner for inner in part.walk() if isinstance(inner, EmailMessage)]
            if text in inside:
                return inside
    return []


def _file_of_mail(leaf: _Leaf, file: str, say: Callable[[str], None]) -> Iterator[Arrived]:
    """Yield a part of a mail as a file, or what is in it; `say` is told of one left out and of one without a name."""
    kind = leaf.part.get_content_type()
    named = leaf.part.get_filename()
    name = named or f"part-{leaf.number}{_EXTENSIONS.get(kind, '')}"
    if leaf.part.get_content_maintype() == "image" and leaf.part.get_content_disposition() != "attachment":
        say(f"{file}: {name} left out (a picture inside the text)")
        return
    if named is None and not leaf.payload.strip():
        say(f"{file}: part {leaf.number} left out ({kind} with nothing in it)")
        return
    if named is None:
        say(f"{file}: part {leaf.number} ({kind}) has no name, and is kept as {name}")
    if PurePosixPath(name).suffix.lower() == ".zip":
        yield from _members(leaf.payload, f"{file} > {name}", say)
    else:
        yield _arrived(name.replace("\\", "/"), leaf.payload, f"{file} > {name}")


def _leaves(part: EmailMessage, file: str) -> Iterator[EmailMessage]:
    """Yield the parts of a mail that have no parts themselves; raises Refused for one that is not whole."""
    _is_whole(part, file)
    if part.get_content_maintype() == "message":
        raise Refused(Problem(file, "a mail attached to a mail", "files", "save the attached mail and give it too"))
    if not part.is_multipart():
        yield part
        return
    for inner in part.iter_parts():
        # only a mail that is read under another policy has parts of another kind
        assert isinstance(inner, EmailMessage)
        yield from _leaves(inner, file)


def _whole_payload(part: EmailMessage, file: str) -> bytes:
    """Return what is in a part as it was before it was encoded; raises Refused where that cannot be had exactly."""
    encoding = str(part.get("content-transfer-encoding", "7bit")).strip().lower()
    if encoding not in _TRANSFER_ENCODINGS:
        found, remedy = f"a part in the encoding {encoding!r}", "save what is attached and give the files"
        raise Refused(Problem(_place(part, file), found, f"one of {', '.join(_TRANSFER_ENCODINGS)}", remedy))
    payload = part.get_payload(decode=True)
    # what a payload is made of is known to be broken only after it was decoded
    _is_whole(part, file)
    return payload if isinstance(payload, bytes) else b""


def _is_whole(part: EmailMessage, file: str) -> None:
    """Raise Refused where the parser of mails has found something wrong with a part."""
    if part.defects:
        name = type(part.defects[0]).__name__
        found = f"{_DEFECTS.get(name, 'a damaged mail')} ({name})"
        remedy = "ask for the mail again, or save what is attached and look whether it is whole"
        raise Refused(Problem(_place(part, file), found, "the mail as it was sent, to its end", remedy))


def _place(part: EmailMessage, file: str) -> str:
    name = part.get_filename()
    return f"{file} > {name}" if name else file


def _body_text(body: EmailMessage, payload: bytes, file: str) -> bytes:
    """Return a body as it was written, in UTF-8 where the mail says that it is in another encoding."""
    charset = body.get_content_charset() or "us-ascii"
    # us-ascii is also what a mail that says nothing is taken to be
    if charset in {"us-ascii", "utf-8"}:
        return payload
    try:
        return payload.decode(charset).encode("utf-8")
    except (UnicodeError, LookupError) as error:
        found = f"a text that is not {charset}, as it says"
        raise Refused(Problem(file, found, "a mail in one encoding", "save its text as a file")) from error


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
