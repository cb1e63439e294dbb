"""The generated documents: data dictionary, figure tables, manifest reference and the pages of the reference tables.

Here: Markdown from schemas/, the figure catalogue and the manifest model, the manifest's JSON Schema, and which
document lies where; docs/figures.md is made in figure_pages.py, the pages of docs/reference/ in reference_pages.py.
Not here: prose that no declaration says. The introduction of docs/manifest.md is docs/_manifest_intro.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandera.pandas as pa

from pipeline.desk.figure_pages import figures_page
from pipeline.desk.markdown import table
from pipeline.desk.reference_pages import reference_pages
from pipeline.figures.catalogue import COUNTED, DERIVED, SCOPE, CountedTable
from pipeline.intake.manifest import Disclosure, Terms, extracts_of, json_schema
from pipeline.store.digests import ROOT
from schemas.figure import Figure
from schemas.observation import Observation
from schemas.rules import RULES
from schemas.source_record import SourceRecord

DOCS = ROOT / "docs"
DICTIONARY = DOCS / "data-dictionary.md"
FIGURES = DOCS / "figures.md"
MANIFEST = DOCS / "manifest.md"
MANIFEST_SCHEMA = DOCS / "manifest.schema.json"
REFERENCE = DOCS / "reference"
INTRODUCTION = DOCS / "_manifest_intro.md"
EXAMPLE = ROOT / "raw" / "dorset" / "01-fin-24-2153" / "disclosure.yaml"

MODELS: tuple[type[pa.DataFrameModel], ...] = (SourceRecord, Observation, Figure)

_TYPES = {
    "string[pyarrow]": "text",
    "str": "text",
    "int64": "integer",
    "Int32": "integer",
    "Int64": "integer",
    "float64": "number",
    "bool": "boolean",
    "datetime64[ns]": "date",
    "object": "list",
}

# What the model of the manifest does not say of its own keys, by model and key.
KEY_NOTES: dict[tuple[str, str], str] = {
    ("Disclosure", "title"): "title of the answer as printed",
    ("Disclosure", "received"): "the day the force received the request",
    ("Disclosure", "responded"): "the day the force answered",
    ("Disclosure", "source_url"): "where the answer can be seen",
    ("Disclosure", "letter"): "the letter, where we know it",
    ("Disclosure", "decision"): "what the force decided on the request as a whole",
    ("Disclosure", "answers"): "what was decided on each question; needed where a table names its question",
    ("Disclosure", "caveats"): "limitations that follow the figures",
    ("Disclosure", "rights"): "what may be done with the bytes",
    ("Disclosure", "tables"): "the tables we hold; none for a refusal",
    ("Answer", "decision"): "what was decided on this question",
    ("Answer", "exemptions"): "the exemptions relied on, as printed",
    ("Caveat", "id"): "a name of its own within the disclosure",
    ("Caveat", "text"): "the limitation, one or two sentences, as it is to stand beside a figure",
    ("Rights", "holder"): "who holds the rights",
    ("Rights", "statement_at"): "where the statement of rights stands",
    ("Rights", "licence"): "the licence by name",
    ("Rights", "bytes_may_leave"): "whether the files may be handed on",
    ("Letter", "sha256"): "SHA-256 of the letter",
    ("Letter", "held"): "whether we hold it",
    ("Constant", "value"): "the value, read as a label of a line would be",
    ("Constant", "said_at"): "where it was said",
    ("Span", "start"): "first day",
    ("Span", "end"): "last day",
    ("Covers", "start"): "first day",
    ("Covers", "end"): "last day",
    ("Wide", "columns"): "the columns side by side",
    ("NumberPart", "value"): "the count",
    ("Marker", "kind"): "what the text means; total marks a row as a control",
    ("Marker", "min"): "lowest count it may stand for; of a suppressed one, not said = 0",
    ("Marker", "value"): "the exact count; only for kind number",
    ("Marker", "said_at"): "where it was said",
    ("Term", "text"): "the spelling, as searched",
    ("Search", "scope"): "the system or records that were searched",
    ("Search", "field"): "the field that was searched",
    ("Search", "method"): "how, in words",
    ("Search", "terms"): "every spelling; those of one platform are terms of one search",
    (
        "Search",
        "combine",
    ): "whether the terms were counted together, or each for itself, which takes a column that says the platform",
    ("Transcription", "from_url"): "what was transcribed or copied",
    ("Transcription", "accessed"): "the day it was looked at",
    ("Transcription", "method"): "how, in words",
    ("Transcription", "doubts"): "what may be wrong with it; stands beside every figure",
    ("Between", "after"): "the day it is later than",
    ("Between", "before"): "the day it is earlier than",
    ("Break", "date"): "the first day of the new way of recording",
    ("Break", "text"): "what changed",
    ("KnownTotal", "value"): "the sum of the whole table",
    ("KnownTotal", "said_at"): "where it was said",
    ("Control", "table"): "id of the other table of this disclosure",
    ("Table", "id"): "a name of its own within the disclosure; part of every figure's id",
    ("Table", "question"): "which of the answers it belongs to",
    ("Table", "agrees_with"): "tables that should say the same; compared, never added",
    ("Table", "extracts"): "the files, or parts of files, that hold the table; disjoint, they add up",
    ("ExtractEntry", "file"): "name of a file beside the manifest",
    ("ExtractEntry", "sha256"): "SHA-256 of the whole file; other bytes are refused",
    ("Terms", "layout"): "records: one line, one record. counts: cells with counts. Must be said",
    ("Terms", "wide"): "the columns of one dimension side by side; counts only, instead of a count column",
    ("Terms", "total_columns"): "columns with totals; compared, never counted; counts only",
    ("Terms", "constants"): "dimensions that all lines share and no line says, with their value",
    ("Terms", "encoding"): "not said = byte order mark, else UTF-8 if the whole file is, else cp1252",
    ("Terms", "delimiter"): "what parts the fields",
    ("Terms", "evidence"): "what our file is; synthetic for made-up forces, and only for them",
    ("Terms", "transcription"): "how our file came to be; must be said of a transcribed or third_party_copy",
    ("Terms", "complete"): "whether we hold the whole table",
    ("Terms", "known_total"): "what the whole table adds up to; only where complete is cut or sample",
    ("Terms", "unit"): "what one count is one of; must be said of counts, is not said of records",
    ("Terms", "record_is"): "what one record is; must be said of records. Only crime gives the unit crimes",
    ("Terms", "date_basis"): "which date puts a count in its period",
    ("Terms", "covers"): "the whole period of the table and its kind of year",
    ("Terms", "as_at"): "the day on which the force took the data, or two days it lies between",
    ("Terms", "breaks"): "changes in recording; no year change is given across one",
    ("Terms", "search"): "how the force found what it counted; gives the platform where no column does",
    ("Terms", "markers"): "printed text -> what it means, where a count or a row label is expected",
    ("Terms", "sensitivity"): "what the rows say of persons",
}

# A key whose words in the model leave something open.
KEY_ADDITIONS: dict[tuple[str, str], str] = {
    ("Terms", "columns"): "Must be said",
    ("Terms", "blank"): "Must be said of counts, is not said of records",
    ("Terms", "header_line"): "Not said = the first line of the file, or of its range",
    ("Wide", "dimension"): "The dimension that the columns are values of",
    ("WideColumn", "at"): "Not said = found by its label",
}


def data_dictionary() -> str:
    """Return docs/data-dictionary.md: every column of the three models, the rules, every figure table."""
    parts = [
        "# Data dictionary",
        "Generated from `schemas/` and `pipeline/figures/catalogue.py` by `make docs`; do not edit.",
        "A column is nullable where *null* says yes; null means not stated or not known, never zero. "
        "*Made from* names the columns one step up that decide the value: without a dot those of the same row, "
        "`received_extract` the file by the part that each column plays, `disclosure` the keys of its manifest; "
        "`foi lineage` shows the whole way, [figure tables](figures.md) each table's own. "
        "Periods are half-open: the end is the first day after.",
    ]
    for model in MODELS:
        parts += [f"## {model.__name__}", _first_lines(model), _columns_table(model)]
    parts += ["## Rules", _RULES_WORDS, _rules_table()]
    scope = ", ".join(f"`{name}`" for name in SCOPE)
    parts += [
        "## Figure tables",
        f"Every figure has the columns of Figure above. A counted table adds its own dimensions, and counts "
        f"within its scope: {scope}. Its id is the table's name, then scope and dimensions in this order.",
        "### Counted",
        table(
            ("table", "title", "dimensions", "counts", "definition"),
            [
                (
                    f"`{t.name}`",
                    t.title,
                    ", ".join(f"`{d}`" for d in t.dimensions),
                    _counts_words(t),
                    t.definition,
                )
                for t in COUNTED
            ],
        ),
        "### Derived",
        table(
            ("table", "title", "from", "unit", "definition"),
            [
                (
                    f"`{t.name}`",
                    t.title,
                    ", ".join(f"`{p}`" for p in t.parents) or "the observations and manifests",
                    t.unit,
                    t.definition,
                )
                for t in DERIVED
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


_RULES_WORDS = (
    "What a source record is held to. A rejecting rule keeps the record out of every figure, whole and "
    "listed in `rejected`. Any other rule keeps the record and lists it in `flagged`. `width` and `quote` "
    "are applied by the reader, the others by the gate. In a table of counts a cell that cannot be read "
    "refuses the whole extract; so does a period of the manifest that cannot be read, in any layout."
)


def _columns_table(model: type[pa.DataFrameModel]) -> str:
    rows = []
    for name, column in model.to_schema().columns.items():
        metadata = column.metadata or {}
        rows.append(
            (
                f"`{name}`",
                _TYPES[str(column.dtype)],
                metadata["unit"],
                "yes" if column.nullable else "no",
                _sentence(str(column.description), _allowed(column)),
                ", ".join(f"`{source}`" for source in metadata["sources"]) or "[its table says](figures.md)",
            )
        )
    return table(("column", "type", "unit", "null", "description", "made from"), rows)


def _allowed(column: pa.Column) -> str:
    """Return the allowed values of a column in words, or nothing."""
    for check in column.checks:
        if check.name == "isin":
            return "Allowed: " + ", ".join(f"`{v}`" for v in check.statistics["allowed_values"])
    return ""


def _rules_table() -> str:
    return table(
        ("rule", "column", "what it does", "expected", "what to do", "applied by"),
        [
            (
                f"`{rule.name}`",
                f"`{rule.column}`",
                "rejects the record" if rule.rejects else "keeps and lists it",
                rule.expected,
                rule.remedy,
                "reader" if rule.applied_by == "reader" else "gate",
            )
            for rule in RULES
        ],
    )


def _counts_words(table: CountedTable) -> str:
    return "mentions" if table.counts == "mention" else "observations"


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema of the manifest, each key with its description."""
    schema = json_schema()
    described = {"Disclosure": schema, **schema["$defs"]}
    for name, part in described.items():
        own = _own_properties(name, part)
        for key, value in part.get("properties", {}).items():
            value["description"] = _key_words(name if key in own else "Terms", key, value)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _own_properties(name: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a part without the terms that tables and extracts share."""
    shared = set(Terms.model_fields) if name in {"Table", "ExtractEntry"} else set()
    return {key: value for key, value in part.get("properties", {}).items() if key not in shared}


def _key_words(part: str, key: str, value: Mapping[str, Any]) -> str:
    own = str(value.get("description", "")) or KEY_NOTES.get((part, key), "")
    return _sentence(own, KEY_ADDITIONS.get((part, key), "")).removesuffix(".")


def manifest_reference() -> str:
    """Return docs/manifest.md: the introduction, one real manifest, and every key."""
    schema = manifest_schema()
    parts = [
        INTRODUCTION.read_text("utf-8").strip(),
        "## A whole one",
        f"`{EXAMPLE.relative_to(ROOT).as_posix()}`, as it is:",
        f"```yaml\n{EXAMPLE.read_text('utf-8').rstrip()}\n```",
        "## Every key",
        "Required keys have no default. *none* as a default means not stated: it is shown as such and never "
        "inferred. Dates are written 2024-01-30; both ends of a period are inclusive.",
        "### The disclosure",
        _keys_table("Disclosure", schema, schema["properties"]),
    ]
    definitions = schema["$defs"]
    parts += [
        "### `tables:` a table",
        f"{definitions['Table']['description']} It also takes any of the terms below, once for its extracts.",
        _keys_table("Table", definitions["Table"], _own_properties("Table", definitions["Table"])),
        "### `extracts:` an extract",
        f"{definitions['ExtractEntry']['description']} It also takes any of the terms below, for itself; "
        "what it says goes before what its table says.",
        _keys_table(
            "ExtractEntry",
            definitions["ExtractEntry"],
            _own_properties("ExtractEntry", definitions["ExtractEntry"]),
        ),
        "### Terms, of a table or an extract",
        " ".join(str(Terms.__doc__).split()),
        _terms_table(definitions["Table"]["properties"]),
        "### Parts",
    ]
    for name in sorted(set(definitions) - {"Table", "ExtractEntry"}):
        parts += [
            f"#### {name}",
            str(definitions[name]["description"]),
            _keys_table(name, definitions[name], definitions[name]["properties"]),
        ]
    parts.append(
        "The same as JSON Schema, for editors: [manifest.schema.json](manifest.schema.json). "
        "It is generated with this page from `pipeline/intake/manifest.py` by `make docs`; edit neither."
    )
    return "\n\n".join(parts) + "\n"


def _keys_table(name: str, part: Mapping[str, Any], properties: Mapping[str, Mapping[str, Any]]) -> str:
    required = set(part.get("required", ()))
    rows = [
        (
            f"`{key}`",
            _type_words(value),
            "required" if key in required else _default_words(value.get("default")),
            _sentence(str(value["description"])),
        )
        for key, value in properties.items()
    ]
    return table(("key", "value", "default", "what it says"), rows)


def _terms_table(properties: Mapping[str, Mapping[str, Any]]) -> str:
    defaults = term_defaults()
    return table(
        ("key", "value", "default", "what it says"),
        [
            (
                f"`{key}`",
                _type_words(properties[key]),
                defaults[key],
                _sentence(str(properties[key]["description"])),
            )
            for key in Terms.model_fields
        ],
    )


def term_defaults() -> dict[str, str]:
    """Return, for each term, in words what holds where nobody says it: found out by saying nothing."""
    silent = Disclosure.model_validate(
        {
            "force": "x",
            "reference": "x",
            "decision": "full",
            "tables": [
                {"id": layout, "layout": layout, "extracts": [{"file": f"{layout}.csv", "sha256": "0" * 64}]}
                for layout in ("records", "counts")
            ],
        }
    )
    found = {extract.table.id: extract.terms for extract in extracts_of(silent, Path())}
    words = {}
    for name in Terms.model_fields:
        values = {layout: _default_words(getattr(terms, name)) for layout, terms in found.items()}
        same = len(set(values.values())) == 1
        words[name] = values["records"] if same else "; ".join(f"{value} ({key})" for key, value in values.items())
    return words | {"layout": "none"}


def _type_words(value: Mapping[str, Any]) -> str:
    """Return the allowed values of a key in words, from its JSON Schema."""
    if "$ref" in value:
        name = str(value["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{_anchor(name)})"
    if "anyOf" in value:
        options = [_type_words(option) for option in value["anyOf"] if option.get("type") != "null"]
        return " or ".join(options)
    if "enum" in value:
        return ", ".join(f"`{_visible(v)}`" for v in value["enum"])
    match value["type"]:
        case "array":
            return f"list of {_type_words(value['items'])}"
        case "object":
            return f"mapping of text to {_type_words(value['additionalProperties'])}"
        case "integer":
            return f"integer from {value['minimum']}" if "minimum" in value else "integer"
        case "string" if value.get("format") == "date":
            return "date"
        case "string" if "pattern" in value:
            return f"text like `{value['pattern']}`"
        case "string":
            return "text"
    raise ValueError(f"no words for {value}")


def _anchor(name: str) -> str:
    return {"Table": "tables-a-table", "ExtractEntry": "extracts-an-extract"}.get(name, name.lower())


def _visible(value: Any) -> str:
    return str(value).replace("\t", "\\t")


def _default_words(value: Any) -> str:
    if value is None:
        return "none"
    if value == [] or value == {}:
        return "empty"
    if isinstance(value, dict):
        said = [f"{key}: {item}" for key, item in value.items() if item is not None]
        return "`{" + ", ".join(said) + "}`"
    return f"`{_visible(value)}`"


def _first_lines(model: type[pa.DataFrameModel]) -> str:
    return " ".join(str(model.__doc__).split())


def _sentence(*parts: str) -> str:
    """Return the parts that say something as sentences."""
    said = [part.strip().rstrip(".") for part in parts if part.strip()]
    return ". ".join(part[:1].upper() + part[1:] for part in said) + "."


def documents() -> dict[Path, str]:
    """Return every generated document: its path and its text as it should be now."""
    schema = json.dumps(manifest_schema(), indent=2, ensure_ascii=False) + "\n"
    pages = {REFERENCE / name: text for name, text in reference_pages().items()}
    own = {DICTIONARY: data_dictionary(), FIGURES: figures_page()}
    return {**own, MANIFEST: manifest_reference(), MANIFEST_SCHEMA: schema, **pages}


def main() -> None:
    """Write the generated documents."""
    REFERENCE.mkdir(exist_ok=True)
    for path, text in documents().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
