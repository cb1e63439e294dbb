"""Workbooks made for the tests, and the public functions asked about them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from pipeline.intake.problem import Problem, Refused
from pipeline.intake.rows import Row
from pipeline.intake.sheets import findings, sheet_names, sheet_rows

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def book(tmp_path: Path, fill: Callable[[Any, Any], None], name: str = "a.xlsx") -> Path:
    """A workbook written by openpyxl; `fill` takes the workbook and its first sheet."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "Data"
    fill(workbook, workbook.active)
    path = tmp_path / name
    workbook.save(path)
    return path


def raw_xlsx(tmp_path: Path, rows: str, **parts: str) -> Path:
    """A workbook of one sheet whose rows are written by hand; `parts` are before, after, styles, strings, workbook."""
    path = tmp_path / "raw.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'spreadsheetml.sheet.main+xml"/></Types>',
        )
        relation = f'<Relationship Id="r{{}}" Type="{RELATIONS}/{{}}" Target="{{}}"/>'
        relations = f'<Relationships xmlns="{PACKAGE}/relationships">{{}}</Relationships>'
        package.writestr("_rels/.rels", relations.format(relation.format(1, "officeDocument", "xl/workbook.xml")))
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            relations.format(
                relation.format(1, "worksheet", "worksheets/sheet1.xml")
                + relation.format(2, "styles", "styles.xml")
                + relation.format(3, "sharedStrings", "sharedStrings.xml")
            ),
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} xmlns:r="{RELATIONS}">{parts.get("workbook", "")}'
            '<sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        package.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{parts.get('strings', '')}</sst>")
        package.writestr(
            "xl/styles.xml", f"<styleSheet {MAIN}>{parts.get('styles', '<cellXfs><xf/></cellXfs>')}</styleSheet>"
        )
        package.writestr(
            "xl/worksheets/sheet1.xml",
            f"{parts.get('doctype', '')}<worksheet {MAIN}>{parts.get('before', '')}"
            f"<sheetData>{rows}</sheetData>{parts.get('after', '')}</worksheet>",
        )
    return path


ODS_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "style", "table", "text", "manifest")
)
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods(tmp_path: Path, tables: str, styles: str = "", manifest: str = "") -> Path:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", ODS_TYPE, zipfile.ZIP_STORED)
        entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}">{manifest}'
        package.writestr(
            "META-INF/manifest.xml",
            f"<manifest:manifest {ODS_SPACES}>{entry}</manifest:file-entry></manifest:manifest>",
        )
        package.writestr(
            "content.xml",
            f'<office:document-content {ODS_SPACES} xmlns:calcext="urn:calcext" xmlns:dc="urn:dc">'
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_cell(shown: str, kind: str = "string", more: str = "") -> str:
    return f'<table:table-cell office:value-type="{kind}" {more}><text:p>{shown}</text:p></table:table-cell>'


def ods_number(shown: str, value: str, kind: str = "float", more: str = "") -> str:
    return ods_cell(shown, kind, f'office:value="{value}" {more}')


def ods_table(*rows: str, name: str = "Data", more: str = "", columns: str = "") -> str:
    whole = "".join(
        row if row.startswith("<table:table-row") else f"<table:table-row>{row}</table:table-row>" for row in rows
    )
    return f'<table:table table:name="{name}" {more}>{columns}{whole}</table:table>'


def xls(tmp_path: Path, fill: Callable[[Any, Any], None]) -> Path:
    workbook = xlwt.Workbook()
    fill(workbook, workbook.add_sheet("Data"))
    path = tmp_path / "a.xls"
    workbook.save(str(path))
    return path


def rows(path: Path, cells: str | None = None, sheet: str = "Data") -> list[Row]:
    return list(sheet_rows(path, path.name, sheet, cells))


def table(path: Path, cells: str | None = None, sheet: str = "Data") -> list[tuple[str, ...] | None]:
    return [row.fields for row in rows(path, cells, sheet)]


def found(path: Path, *kinds: str) -> list[tuple[str, str, str]]:
    """The findings of some kinds as (kind, sheet, address)."""
    return [(f.kind, f.sheet, f.address) for f in findings(path, path.name) if f.kind in kinds]


def refusal(path: Path, read: Callable[[Path], object] | None = None) -> Problem:
    with pytest.raises(Refused) as refused:
        (read or (lambda p: (sheet_names(p, p.name), findings(p, p.name), rows(p))))(path)
    (problem,) = refused.value.problems
    assert problem.file == path.name
    assert problem.remedy
    return problem


STYLES = '<numFmts><numFmt numFmtId="164" formatCode="{}"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs>'


def changed(path: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The workbook with its parts changed by name."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


def with_parts(path: Path, types: dict[str, str]) -> Path:
    """The workbook with empty parts of given content types added."""
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items())

    def add(parts: dict[str, bytes]) -> None:
        listed = parts["[Content_Types].xml"]
        parts["[Content_Types].xml"] = listed.replace(b"</Types>", f"{overrides}</Types>".encode())
        parts.update(dict.fromkeys(types, b"<x/>"))

    return changed(path, add)
