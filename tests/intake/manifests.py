"""Manifests as text for tests: a small one of counts, a small one of records, and how to read a changed one."""

from __future__ import annotations

from pathlib import Path

from pipeline.intake.manifest import Disclosure, Extract, extracts_of, read_manifest
from pipeline.intake.problem import Problem, Refused

FORCES = {"dorset": False, "exampleshire": True}
SHA = "0" * 64
COUNTS = f"""\
force: dorset
reference: TEST/1
decision: full
tables:
  - id: q1
    layout: counts
    unit: crimes
    blank: unknown
    columns: {{period: Year, count: Count}}
    extracts:
      - {{file: a.csv, sha256: {SHA}}}
"""
RECORDS = f"""\
force: dorset
reference: TEST/1
decision: full
tables:
  - id: records
    layout: records
    record_is: crime
    columns: {{period: Month, platform: Platform}}
    extracts:
      - {{file: a.csv, sha256: {SHA}}}
"""


def changed(text: str, old: str, new: str) -> str:
    """Return a manifest with one thing changed; the thing must be there."""
    assert old in text
    return text.replace(old, new, 1)


def folder_of(tmp_path: Path, text: str, name: str = "dorset/test-1") -> Path:
    """Write a manifest into its folder and return the folder."""
    folder = tmp_path / "raw" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "disclosure.yaml").write_text(text, "utf-8")
    return folder


def read(tmp_path: Path, text: str, name: str = "dorset/test-1") -> Disclosure:
    """Return the disclosure that a text describes."""
    return read_manifest(folder_of(tmp_path, text, name) / "disclosure.yaml", FORCES, "disclosure.yaml")


def extracts(tmp_path: Path, text: str) -> list[Extract]:
    """Return the extracts of the disclosure that a text describes."""
    return extracts_of(read(tmp_path, text), tmp_path)


def problems(tmp_path: Path, text: str, name: str = "dorset/test-1") -> tuple[Problem, ...]:
    """Return why a manifest is refused; fails where it is not."""
    try:
        read(tmp_path, text, name)
    except Refused as refused:
        return refused.problems
    raise AssertionError("the manifest is accepted")
