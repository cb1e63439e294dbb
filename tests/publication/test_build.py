"""The build as a whole: what comes out does not depend on how the work is cut into pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline.figures.catalogue import TABLES
from pipeline.intake import blocks, text_in_hand
from pipeline.normalisation import relation
from pipeline.publication.build import Build
from pipeline.store.digests import ROOT
from pipeline.store.files import read_json
from pipeline.store.places import Places
from tests.disclosures import sources

LAYERS = ("accepted", "rejected", "flagged", "cells")


def content(path: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from '{path}'").fetchall()


def test_pieces_of_29_records_give_the_same_files_as_whole_extracts(
    shipped: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_in_hand, "CHUNK", 200)
    monkeypatch.setattr(blocks, "JOINED", 29)
    monkeypatch.setattr(relation, "IN_MEMORY", 0)
    cut = Build.of(Places.of(ROOT / "raw", tmp_path))
    assert max(pq.read_metadata(s.path).num_row_groups for s in sources(cut)) > 100
    for one, other in zip(shipped.accepted, cut.accepted, strict=True):
        assert one.report == other.report
        for layer in LAYERS:
            assert content(getattr(one, layer)) == content(getattr(other, layer)), (one.extract.extract_id, layer)
    for whole, pieces in zip(shipped.observations, cut.observations, strict=True):
        assert read_json(whole.path) == read_json(pieces.path), whole.extract.extract_id
        for one_file, other_file in zip(whole.files, pieces.files, strict=True):
            if one_file[1].suffix == ".parquet":
                assert content(one_file[1]) == content(other_file[1]), (whole.extract.extract_id, one_file[0])
    for name in TABLES:
        assert content(shipped.figures(name).path) == content(cut.figures(name).path), name
