"""Zip archives: the files in them, and why an archive is not taken.

An archive is somebody else's: every name and size in it is held to a limit before anything is unpacked, and nothing is
written here.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import PurePosixPath
from typing import NamedTuple

from pipeline.intake.problem import Problem, Refused

MOST_MEMBERS = 200
MOST_BYTES = 500_000_000
"""Bytes that all members of an archive have together."""
MOST_RATIO = 200
"""How many times the size of its archive everything in it may be: text seldom passes 20, a zip bomb thousands."""

_ZIP_START = b"PK\x03\x04"
_ZIP_DOCUMENTS = frozenset({".xlsx", ".xlsm", ".xlsb", ".docx", ".pptx", ".ods", ".odt", ".odp"})
"""Documents that are zip archives themselves and are kept as they are."""
_RUBBISH = frozenset({"__MACOSX", ".DS_Store"})


class Found(NamedTuple):
    """A file that was in something else: its name there, its bytes, and where it was, in words."""

    name: str
    data: bytes
    from_: str


def members(data: bytes, file: str, say: Callable[[str], None]) -> Iterator[Found]:
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


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> Found:
    from_ = f"{file} > {info.filename}"
    if info.flag_bits & 1:
        raise Refused(Problem(from_, "a file under a password", "a file that opens", "unpack it by hand"))
    # read() gives no more than the size that was held to the limits, and checks it
    data = archive.read(info)
    suffix = PurePosixPath(info.filename).suffix.lower()
    if suffix == ".zip" or (data.startswith(_ZIP_START) and suffix not in _ZIP_DOCUMENTS):
        raise Refused(Problem(from_, "a zip archive in a zip archive", "files", "unpack it and give what is in it"))
    return Found(info.filename, data, from_)


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
