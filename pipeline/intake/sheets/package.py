"""The parts of a zipped workbook (xlsx, ods): unpacked within limits, and read as XML without a DOCTYPE."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from pipeline.intake.problem import Problem, Refused
from pipeline.intake.sheets import limits
from pipeline.intake.sheets.refusals import damaged, library, protected, too_large

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_CUT_OFF = "a zip that is cut off or damaged"


class Package:
    """The parts of a zipped workbook, each unpacked once to see that it is whole and not too large."""

    def __init__(self, data: bytes, file: str) -> None:
        self.data, self.file = data, file
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            parts = self._zip.infolist()
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError) as error:
            raise damaged(file, _CUT_OFF) from error
        if len(parts) > limits.MAX_PARTS:
            raise too_large(file, f"a zip of {len(parts):,} parts", f"at most {limits.MAX_PARTS:,}")
        self.parts = {part.filename.lower(): part for part in parts}
        if len(self.parts) < len(parts):
            raise damaged(file, "a zip with two parts of one name")
        self._unpack(parts)

    def _unpack(self, parts: list[zipfile.ZipInfo]) -> None:
        total = 0
        most = min(limits.MAX_UNPACKED, max(limits.RATIO_FROM, limits.MAX_RATIO * len(self.data)))
        for part in parts:
            if part.flag_bits & 1:
                raise protected(self.file)
            size = 0
            for piece in self._pieces(part):
                size += len(piece)
                if total + size > most:
                    raise too_large(
                        self.file,
                        f"a zip of {len(self.data):,} bytes that unpacks to more than {total + size:,}",
                        f"at most {limits.MAX_UNPACKED:,}, and at most {limits.MAX_RATIO} times its size",
                    )
            if size != part.file_size:
                raise self._damaged_part(part.filename, "which is not as long as the zip says")
            total += size

    def _pieces(self, part: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield a part unpacked to its real end: what the zip says of its length may be false."""
        start = part.header_offset
        if self.data[start : start + 4] != ZIP_STARTS[0]:
            raise damaged(self.file, _CUT_OFF)
        name, extra = struct.unpack_from("<HH", self.data.ljust(start + 30, b"\0"), start + 26)
        packed = memoryview(self.data)[start + 30 + name + extra :][: part.compress_size]
        if len(packed) < part.compress_size:
            raise damaged(self.file, _CUT_OFF)
        if part.compress_type == zipfile.ZIP_STORED:
            yield bytes(packed)
            return
        if part.compress_type != zipfile.ZIP_DEFLATED:
            raise self._damaged_part(part.filename, "packed in a way that workbooks do not use")
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        rest = bytes(packed)
        try:
            while not unpacker.eof:
                piece = unpacker.decompress(rest, 1 << 20)
                if not piece and not unpacker.eof and not unpacker.unconsumed_tail:
                    raise self._damaged_part(part.filename, "which is cut off")
                yield piece
                rest = unpacker.unconsumed_tail
        except zlib.error as error:
            raise self._damaged_part(part.filename, "which cannot be unpacked") from error

    def read(self, name: str) -> bytes:
        """Return a part unpacked; raise Refused where there is none or its checksum is wrong."""
        part = self.parts.get(name.lower())
        if part is None:
            raise damaged(self.file, f"a workbook without its part {name!r}")
        try:
            return self._zip.read(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise self._damaged_part(name, "which cannot be unpacked") from error

    def parse(
        self,
        name: str,
        start: Callable[[str, dict[str, str]], object],
        end: Callable[[str], object] | None = None,
        text: Callable[[str], object] | None = None,
    ) -> None:
        """Read a part as XML, calling back as expat does; raise Refused where it is none or declares a DOCTYPE."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse_doctype(name)
        data = self.read(name)
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError, KeyError, IndexError) as error:
            place = f", near line {parser.CurrentLineNumber}, character {parser.CurrentColumnNumber + 1}"
            raise self._damaged_part(name, f"which is not well formed{place}") from error

    def _damaged_part(self, name: str, how: str) -> Refused:
        return damaged(self.file, f"the part {name!r}, {how}")

    def _refuse_doctype(self, name: str) -> None:
        raise Refused(
            Problem(
                file=self.file,
                found=f"a DOCTYPE in the part {name!r}",
                expected="a workbook, which has none",
                remedy="do not open the file; ask the force how it was made",
            )
        )


def local(name: str) -> str:
    """Return the name of an element without its prefix."""
    return name.rpartition(":")[2]


def calamine_values(package: Package, name: str) -> Iterator[list[Any]]:
    """Return the values of a sheet row by row from A1; raise Refused where calamine cannot read them."""
    with library(package.file):
        # not iter_rows: it does not say from which row it starts
        return iter(CalamineWorkbook.from_filelike(io.BytesIO(package.data)).get_sheet_by_name(name).to_python(False))
