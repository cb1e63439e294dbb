"""Disclosures for tests: a few lines make a folder of raw/ with manifest and extract files."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipeline.intake.raw import Refusal
from pipeline.intake.source import Source, ensure_source
from pipeline.publication.build import Build
from pipeline.store.naming import slug
from pipeline.store.places import Places
from pipeline.store.releases import current_release, point_to, release_files


@dataclass(frozen=True)
class Raw:
    """A raw/ in the making."""

    places: Places

    @classmethod
    def at(cls, folder: Path) -> Raw:
        """Return an empty raw/ in a folder, with a warehouse beside it."""
        return cls(Places.of(folder / "raw", folder / "warehouse"))

    def copied(self, to: Raw) -> Raw:
        """Copy this raw/ and its warehouse into another, still empty one, the same release in force; return that.

        A release is made once for many tests, and each may do to its own copy what it likes.
        """
        shutil.copytree(self.places.raw, to.places.raw)
        shutil.copytree(self.places.warehouse, to.places.warehouse)
        current = current_release(self.places)
        if current is not None:
            # a copy of the published file is a file of its own, and no longer the release
            point_to(to.places, next(r for r in release_files(to.places) if r.number == current.number))
        return to

    def add(
        self,
        tables: list[dict[str, Any]],
        files: dict[str, bytes | str],
        force: str = "dorset",
        reference: str = "TEST/1",
        **disclosure: Any,
    ) -> Path:
        """Write one disclosure and return its folder.

        Each extract entry needs `file` only: its sha256 is filled in where it is left out. Text files become UTF-8.
        """
        folder = self.places.raw / force / slug(reference)
        folder.mkdir(parents=True, exist_ok=True)
        contents = {name: c.encode() if isinstance(c, str) else c for name, c in files.items()}
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        for table in tables:
            for extract in table["extracts"]:
                if extract["file"] in contents:
                    extract.setdefault("sha256", hashlib.sha256(contents[extract["file"]]).hexdigest())
        manifest = {
            "force": force,
            "reference": reference,
            "decision": "full",
            **disclosure,
            "tables": tables,
        }
        # dates and yes/no as text: the reader of manifests takes every scalar as it is written
        text = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True)
        (folder / "disclosure.yaml").write_text(text, "utf-8")
        return folder

    def build(self) -> Build:
        """Return a fresh look at this raw/."""
        return Build.of(self.places)


def counts_table(columns: dict[str, Any], file: str = "counts.csv", **terms: Any) -> dict[str, Any]:
    """Return a table of counts with one extract; terms override unit crimes, blank unknown, calendar years."""
    table = {
        "id": "q1",
        "layout": "counts",
        "unit": "crimes",
        "blank": "unknown",
        "covers": {"basis": "calendar", "start": "2019-01-01", "end": "2024-12-31"},
        "columns": columns,
        "extracts": [{"file": file}],
    }
    return table | terms


def records_table(columns: dict[str, Any], file: str = "records.csv", **terms: Any) -> dict[str, Any]:
    """Return a table of records with one extract; terms override record_is crime, months 2020 to 2024."""
    table = {
        "id": "records",
        "layout": "records",
        "record_is": "crime",
        "covers": {"basis": "month", "start": "2020-01-01", "end": "2024-12-31"},
        "columns": columns,
        "extracts": [{"file": file}],
    }
    return table | terms


def sources(build: Build) -> list[Source | Refusal]:
    """Return the source layer of each extract of a build, or why it was refused."""
    return [ensure_source(build.places, extract) for extract in build.raw.extracts]
