"""Workbooks of xlsx and xlsm: their parts, sheets, number formats and shared strings."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from xlrd.formatting import std_format_strings

from pipeline.intake.sheets import limits
from pipeline.intake.sheets.finding import EARLIER_VALUES, PIVOT_ROWS, Finding, about_workbook, embedded_files, macro
from pipeline.intake.sheets.package import Package, calamine_values, local
from pipeline.intake.sheets.refusals import no_workbook, without_sheet
from pipeline.intake.sheets.sheet import Sheet
from pipeline.intake.sheets.values import true
from pipeline.intake.sheets.xlsx_sheet import Strings, XlsxSheet

_WORKBOOK_TYPES = (
    "sheet.main+xml",
    "sheet.macroenabled.main+xml",
    "template.main+xml",
    "template.macroenabled.main+xml",
)
_DATA_TYPES = {
    "pivotcacherecords+xml": PIVOT_ROWS,
    "revisionlog+xml": EARLIER_VALUES,
    "model+data": "a data model",
}


class XlsxBook:
    """A workbook of xlsx or xlsm; its sheets are read when they are asked for."""

    def __init__(self, package: Package) -> None:
        self._package, self._file = package, package.file
        self._types, self._default_types = self._content_types()
        workbook = next((t for _, kind, t in self._relations("") if kind == "officeDocument"), None)
        if workbook is None or not self._type(workbook).endswith(_WORKBOOK_TYPES):
            raise no_workbook(self._file, "an Office file that is no xlsx or xlsm workbook (it may be xlsb or docx)")
        self._sheets: dict[str, tuple[str, str, str]] = {}
        self._epoch_1904 = False
        self._read_workbook(workbook)
        if not self._sheets:
            raise without_sheet(self._file)
        kinds = {kind: target for _, kind, target in self._relations(workbook)}
        self._codes = self._read_codes(kinds.get("styles"))
        self._empty_strings = self._read_strings(kinds.get("sharedStrings"))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all sheets, in order."""
        return tuple(self._sheets)

    def values(self, name: str) -> Iterator[list[Any]]:
        """Return the values of a sheet row by row from A1."""
        return calamine_values(self._package, name)

    def sheet(self, name: str) -> Sheet | None:
        """Return what stands in a sheet, or None where it is a chart that is not hidden."""
        part, kind, state = self._sheets[name]
        if kind != "worksheet":
            return Sheet(name, state) if state else None
        seen = Sheet(name, state)
        reader = XlsxSheet(seen, self._file, self._codes, self._empty_strings, self._epoch_1904)
        self._package.parse(part, reader.start, reader.end, reader.text)
        for _, relation, target in self._relations(part):
            if relation == "table":
                self._package.parse(target, reader.start)
            elif relation in ("comments", "threadedComment"):
                self._package.parse(target, reader.comment)
        reader.close()
        return seen

    def workbook_findings(self) -> Iterator[Finding]:
        """Yield what is found about the whole workbook."""
        names = sorted(self._package.parts)
        links = [name for name in names if self._type(name).endswith("externallink+xml")]
        if links:
            words = f"{len(links)} links to other workbooks, whose cells may be kept in this one"
            yield about_workbook("external_link", words)
        if any(name.endswith("vbaproject.bin") or self._type(name).endswith("vbaproject") for name in names):
            yield macro()
        for ending, words in _DATA_TYPES.items():
            if count := sum(self._type(name).endswith(ending) for name in names):
                yield about_workbook("hidden_data", f"{words} ({count})")
        if embedded := sum("/embeddings/" in name for name in names):
            yield embedded_files(embedded)

    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        types: dict[str, str] = {}
        defaults: dict[str, str] = {}

        def start(name: str, values: dict[str, str]) -> None:
            if local(name) == "Override":
                types[values["PartName"].lstrip("/").lower()] = values["ContentType"].lower()
            elif local(name) == "Default":
                defaults[values["Extension"].lower()] = values["ContentType"].lower()

        self._package.parse("[Content_Types].xml", start)
        return types, defaults

    def _type(self, part: str) -> str:
        return self._types.get(part.lower(), self._default_types.get(part.lower().rpartition(".")[2], ""))

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        """Return (id, kind, part) of the parts inside the workbook that a part refers to."""
        folder, _, base = part.rpartition("/")
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        found: list[tuple[str, str, str]] = []

        def start(element: str, values: dict[str, str]) -> None:
            if local(element) == "Relationship" and values.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, values["Target"])).lstrip("/")
                found.append((values["Id"], values["Type"].rpartition("/")[2], target))

        if name.lower() in self._package.parts:
            self._package.parse(name, start)
        return found

    def _read_workbook(self, part: str) -> None:
        targets = {ident: (target, kind) for ident, kind, target in self._relations(part)}

        def start(element: str, values: dict[str, str]) -> None:
            if local(element) == "workbookPr":
                self._epoch_1904 = true(values.get("date1904"))
            elif local(element) == "sheet":
                ident = next(value for key, value in values.items() if key.endswith(":id"))
                if values["name"] in self._sheets:
                    raise ValueError("two sheets of one name")
                state = {"hidden": "hidden", "veryHidden": "very hidden"}.get(values.get("state", ""), "")
                self._sheets[values["name"]] = (*targets[ident], state)

        self._package.parse(part, start)

    def _read_codes(self, part: str | None) -> list[str | None]:
        """Return the number format of each cell style, None where it is not known."""
        custom: dict[int, str] = {}
        numbers: list[int] = []
        inside = False

        def start(element: str, values: dict[str, str]) -> None:
            nonlocal inside
            name = local(element)
            if name == "cellXfs":
                inside = True
            elif name == "numFmt":
                custom.setdefault(int(values["numFmtId"]), values["formatCode"])
            elif name == "xf" and inside:
                numbers.append(int(values.get("numFmtId", "0")))

        def end(element: str) -> None:
            nonlocal inside
            inside = inside and local(element) != "cellXfs"

        if part is not None:
            self._package.parse(part, start, end)
        return [custom.get(number, std_format_strings.get(number)) for number in numbers] or ["General"]

    def _read_strings(self, part: str | None) -> list[bool]:
        """Return for each shared string whether it is empty."""
        empty: list[bool] = []
        reader = Strings()

        def start(element: str, values: dict[str, str]) -> None:
            if local(element) == "sst" and not 0 <= int(values.get("uniqueCount", "0")) <= limits.MAX_STRINGS:
                # calamine takes memory for as many as are said to come
                raise ValueError("more strings than a workbook can hold")
            if local(element) == "si":
                reader.begin()
            reader.start(local(element), values)

        def end(element: str) -> None:
            reader.end(local(element))
            if local(element) == "si":
                empty.append(not reader.found)

        if part is not None and part.lower() in self._package.parts:
            self._package.parse(part, start, end, reader.text)
        return empty
