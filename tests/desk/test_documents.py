"""The generated documents are fresh, and leave no column and no key without words."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pandera.pandas as pa
import pytest
import yaml

from pipeline.desk import documents
from pipeline.figures.catalogue import TABLES
from pipeline.intake.manifest import Disclosure, Terms, json_schema, read_manifest
from pipeline.intake.problem import Refused
from pipeline.lineage.columns import assets
from pipeline.lineage.trace import trace
from pipeline.publication.build import Build
from pipeline.publication.report import check_disclosure
from schemas.figure import Figure
from schemas.rules import RULES
from tests.disclosures import Raw, counts_table, records_table


@pytest.mark.parametrize("path", documents.documents(), ids=lambda p: p.name)
def test_a_committed_document_is_what_would_be_generated_now(path: Path) -> None:
    assert path.read_text("utf-8") == documents.documents()[path], "stale: run `make docs`"


@pytest.mark.parametrize("model", documents.MODELS, ids=lambda m: m.__name__)
def test_every_column_has_a_description_a_unit_and_sources(model: type[pa.DataFrameModel]) -> None:
    for name, column in model.to_schema().columns.items():
        assert column.description and column.description.strip(), name
        assert column.metadata["unit"].strip(), name
        assert column.metadata["sources"] or (model is Figure and name in {"id", "n"}), name


def test_the_dictionary_names_every_column_rule_and_table() -> None:
    text = documents.data_dictionary()
    columns = [name for model in documents.MODELS for name in model.to_schema().columns]
    for name in [*columns, *(rule.name for rule in RULES), *TABLES]:
        assert f"| `{name}` |" in text, name


def test_the_page_of_figure_tables_has_every_table_with_every_column() -> None:
    parts = documents.documents()[documents.FIGURES].split("\n## ")[1:]
    assert [part.splitlines()[0] for part in parts] == list(TABLES)
    for name, part in zip(TABLES, parts, strict=True):
        assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == list(assets()[name])


def test_every_table_row_has_as_many_cells_as_its_header() -> None:
    for path, text in documents.documents().items():
        if path.suffix == ".md":
            width = 0
            for line in text.splitlines():
                cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
                width = width if cells and width else cells
                assert cells == width, f"{path.name}: {line}"


def _parts() -> dict[str, dict[str, Any]]:
    schema = documents.manifest_schema()
    return {"Disclosure": schema, **schema["$defs"]}


def test_every_key_of_the_manifest_says_what_it_is() -> None:
    for part, content in _parts().items():
        for key, value in content["properties"].items():
            assert value["description"].strip(), f"{part}.{key}"


def test_no_note_is_about_a_key_that_is_gone_or_speaks_for_itself() -> None:
    schema = json_schema()
    terms = Terms.model_json_schema()
    parts = {"Disclosure": schema, **schema["$defs"], "Terms": terms}
    for part, key in [*documents.KEY_NOTES, *documents.KEY_ADDITIONS]:
        assert key in parts[part]["properties"], f"{part}.{key}"
    for part, key in documents.KEY_NOTES:
        assert "description" not in parts[part]["properties"][key], f"{part}.{key} describes itself"


def test_the_reference_has_a_row_for_every_key() -> None:
    text = documents.manifest_reference()
    for part, content in _parts().items():
        for key in content["properties"]:
            assert f"| `{key}` |" in text, f"{part}.{key}"


def test_the_example_is_the_real_manifest_word_for_word() -> None:
    example = documents.EXAMPLE.read_text("utf-8").rstrip()
    assert f"```yaml\n{example}\n```" in documents.manifest_reference()
    assert read_manifest(documents.EXAMPLE, {"dorset": False}).name == "dorset/01-fin-24-2153"


def test_defaults_are_those_that_hold() -> None:
    defaults = documents.term_defaults()
    assert list(defaults) == list(Terms.model_fields)
    assert defaults["evidence"] == "`received`"
    assert defaults["sensitivity"] == "`record` (records); `aggregate` (counts)"
    assert defaults["blank"] == "none"


def test_the_json_schema_requires_what_the_model_requires() -> None:
    schema = json.loads(documents.MANIFEST_SCHEMA.read_text("utf-8"))
    required = {name for name, field in Disclosure.model_fields.items() if field.is_required()}
    assert set(schema["required"]) == required
    assert schema["additionalProperties"] is False


MUST_BE_SAID = [
    ("layout", counts_table({"period": "Year", "count": "Count"})),
    ("columns", counts_table({"period": "Year", "count": "Count"})),
    ("unit", counts_table({"period": "Year", "count": "Count"})),
    ("blank", counts_table({"period": "Year", "count": "Count"})),
    ("record_is", records_table({"period": "Month"})),
]


@pytest.mark.parametrize(("term", "table"), MUST_BE_SAID, ids=[term for term, _ in MUST_BE_SAID])
def test_a_term_that_the_reference_calls_a_must_is_one(raw: Raw, term: str, table: dict[str, Any]) -> None:
    file = str(table["extracts"][0]["file"])
    folder = raw.add([table], {file: "Year,Count\n2020,1\n"})
    manifest = folder / "disclosure.yaml"
    assert read_manifest(manifest, {"dorset": False})

    said = yaml.safe_load(manifest.read_text("utf-8"))
    del said["tables"][0][term]
    manifest.write_text(yaml.safe_dump(said), "utf-8")
    with pytest.raises(Refused, match=term):
        read_manifest(manifest, {"dorset": False})
    words = documents.manifest_schema()["$defs"]["Table"]["properties"][term]["description"]
    assert "must be said" in words.lower()


def test_the_manifest_in_the_readme_is_accepted(tmp_path: Path) -> None:
    readme = (documents.ROOT / "README.md").read_text("utf-8")
    (example,) = re.findall(r"^ *```yaml\n(.*?)^ *```", readme, re.DOTALL | re.MULTILINE)
    folder = tmp_path / "raw" / "avon-and-somerset" / "foi-123-26"
    folder.mkdir(parents=True)
    (folder / "disclosure.yaml").write_text(textwrap.dedent(example), "utf-8")
    file = folder / "offences_by_year.csv"
    file.write_bytes(b"Year,Number of offences\n2022/23,41\n2023/24,57\nTotal,98\n")
    report = check_disclosure(folder)
    assert report["accepted"], report["refused"]
    assert [e["records"] for e in report["extracts"]] == [3]


def test_the_figure_traced_in_the_readme_is_traced_so(shipped: Build) -> None:
    readme = (documents.ROOT / "README.md").read_text("utf-8")
    (figure_id,) = re.findall(r"^\$ \.venv/bin/foi trace (\S+)$", readme, re.MULTILINE)
    found = trace(shipped.places, figure_id)
    assert f"{figure_id} = {found['figure']['value']} mentions" in readme
    for line in found["lines"]:
        assert f"line {line['line_no']:>6}  {line['text']}\n" in readme
    joined = "".join(readme.split())
    for words in [found["definition"], *(c["text"] for c in found["caveats"])]:
        assert "".join(words.split()) in joined
