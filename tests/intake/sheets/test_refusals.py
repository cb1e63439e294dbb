"""Refusals: what is damaged, protected, too large or no workbook is refused in words."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipeline.intake.problem import Refused
from pipeline.intake.sheets import findings, limits, sheet_names, sheet_rows
from tests.intake.sheets.workbooks import book, changed, ods, ods_cell, ods_table, raw_xlsx, refusal, table, xls


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"Force,Crimes\nA,1\n", "no workbook"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "no workbook"),
        (b"PK\x03\x04", "cut off or damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "damaged"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert words in refusal(path).found


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.csv", "1")
    assert "no workbook" in refusal(path).found
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
    assert "no xlsx" in refusal(path).found


def test_a_truncated_workbook_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    for path in (
        book(tmp_path, lambda _, sheet: sheet.append(["x", 1])),
        xls(tmp_path, lambda _, s: s.write(0, 0, "x")),
    ):
        whole = path.read_bytes()
        for share in range(1, 10):
            path.write_bytes(whole[: len(whole) * share // 10])
            assert refusal(path).expected


def test_a_workbook_with_a_changed_byte_is_refused_or_read_the_same(tmp_path: Path) -> None:
    path = book(tmp_path, lambda _, sheet: [sheet.append([f"text {row}", row]) for row in range(40)])
    whole, plain = path.read_bytes(), table(path)
    for place in range(0, len(whole), 41):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :])
        try:
            # the name of the sheet is in a part with a checksum: it cannot have changed
            assert table(path) == plain
        except Refused:
            continue


def test_a_changed_byte_of_an_xls_never_ends_in_a_traceback(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row in range(20):
            sheet.write(row, 0, f"text {row}")
            sheet.write(row, 1, row)

    path = xls(tmp_path, fill)
    whole = path.read_bytes()
    for place in range(0, len(whole), 29):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            for name in sheet_names(path, "a.xls"):
                list(sheet_rows(path, "a.xls", name))
            findings(path, "a.xls")
        except Refused:
            continue


def test_a_workbook_that_says_it_shares_too_many_strings_is_refused(tmp_path: Path) -> None:
    def boast(parts: dict[str, bytes]) -> None:
        name = "xl/sharedStrings.xml"
        parts[name] = parts[name].replace(b"<sst ", b'<sst uniqueCount="99999999999" ')

    path = raw_xlsx(tmp_path, '<row><c t="s"><v>0</v></c></row>', strings="<si><t>a</t></si>")
    assert "sharedStrings.xml" in refusal(changed(path, boast)).found


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path, "<row><c><v>1</v></c></row>" + " " * (40 << 20))
    assert "unpacks to more than" in refusal(path).found


def test_a_zip_bomb_that_says_it_is_small_is_refused(tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path, "<row><c><v>1</v></c></row>" + " " * (40 << 20))
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\x01\x02")
    assert struct.unpack_from("<I", data, place + 24)[0] > 40 << 20
    struct.pack_into("<I", data, place + 24, 100)
    path.write_bytes(data)
    assert "unpacks to more than" in refusal(path).found


def test_limits_of_size_and_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = raw_xlsx(tmp_path, "<row><c><v>1</v></c></row>")
    monkeypatch.setattr(limits, "MAX_UNPACKED", 100)
    assert "unpacks to more than" in refusal(path).found
    monkeypatch.setattr(limits, "MAX_PARTS", 3)
    assert "parts" in refusal(path).found
    monkeypatch.setattr(limits, "MAX_FILE", 10)
    assert "a file of" in refusal(path).found


def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path, "")
    with zipfile.ZipFile(path, "a") as package, pytest.warns(UserWarning):
        package.writestr("xl/workbook.xml", "<x/>")
    assert "two parts of one name" in refusal(path).found


@pytest.mark.parametrize("entities", ["", '[<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]'])
def test_a_doctype_is_refused(tmp_path: Path, entities: str) -> None:
    path = raw_xlsx(tmp_path, "", doctype=f"<!DOCTYPE worksheet {entities}>")
    assert "DOCTYPE" in refusal(path).found


def test_an_encrypted_xlsx_is_refused(tmp_path: Path) -> None:
    # an encrypted xlsx is an OLE file with this stream; here an xls whose stream is renamed to it
    path = xls(tmp_path, lambda _, sheet: sheet.write(0, 0, "x"))
    data = bytearray(path.read_bytes())
    place = data.index("Workbook".encode("utf-16-le"))
    name = "EncryptedPackage".encode("utf-16-le") + b"\0\0"
    data[place : place + len(name)] = name
    struct.pack_into("<H", data, place + 64, len(name))
    path.write_bytes(data)
    assert "password" in refusal(path).found


def test_an_encrypted_xls_is_refused(tmp_path: Path) -> None:
    path = xls(tmp_path, lambda _, sheet: sheet.write(0, 0, "x"))
    data = bytearray(path.read_bytes())
    begin = data.index(b"\x09\x08")
    length = struct.unpack_from("<H", data, begin + 2)[0]
    # the record after the first becomes FILEPASS
    struct.pack_into("<H", data, begin + 4 + length, 0x2F)
    path.write_bytes(data)
    assert "password" in refusal(path).found


def test_an_encrypted_ods_or_zip_is_refused(tmp_path: Path) -> None:
    path = ods(tmp_path, ods_table(ods_cell("x")), manifest="<manifest:encryption-data/>")
    assert "password" in refusal(path).found
    data = bytearray(raw_xlsx(tmp_path, "").read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "b.xlsx").write_bytes(data)
    assert "password" in refusal(tmp_path / "b.xlsx").found
