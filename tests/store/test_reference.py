"""Which file a reference table is read from, and that digests follow what is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.store.digests import ROOT
from pipeline.store.reference import PACKAGED, NoSuchTable, own_folder, path_to_write, read_instead, table_path

TABLE = "age_labels.csv"


def test_without_a_folder_of_ones_own_the_projects_tables_are_read() -> None:
    assert own_folder() is None
    assert table_path(TABLE) == path_to_write(TABLE) == PACKAGED / TABLE


def test_a_table_in_ones_own_folder_is_read_instead_and_the_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    assert table_path(TABLE) == PACKAGED / TABLE and path_to_write(TABLE) == tmp_path / TABLE
    (tmp_path / TABLE).write_bytes((PACKAGED / TABLE).read_bytes())
    assert table_path(TABLE) == read_instead(PACKAGED / TABLE) == tmp_path / TABLE
    assert table_path("outcomes.csv") == PACKAGED / "outcomes.csv"
    code = ROOT / "pipeline" / "normalisation" / "ages.py"
    assert read_instead(code) == code


@pytest.mark.parametrize("name", ["", "age_label.csv"])
def test_a_folder_that_is_not_there_or_has_a_table_that_nobody_reads_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / "own"
    if name:
        folder.mkdir()
        (folder / name).write_text("label,code\n")
    monkeypatch.setenv("FOI_REFERENCE", str(folder))
    with pytest.raises(NoSuchTable, match=r"found .*; expected "):
        own_folder()


def test_the_digest_of_code_is_of_the_tables_that_are_read_wherever_they_lie(tmp_path: Path) -> None:
    def digest(**environment: str) -> str:
        text = "from pipeline.store.digests import code_digest; print(code_digest('pipeline/normalisation'))"
        env = {k: v for k, v in os.environ.items() if k != "FOI_REFERENCE"} | environment
        return subprocess.check_output([sys.executable, "-c", text], env=env, cwd=ROOT, text=True)

    projects = digest()
    own = tmp_path / TABLE
    own.write_bytes((PACKAGED / TABLE).read_bytes())
    assert digest(FOI_REFERENCE=str(tmp_path)) == projects
    own.write_bytes(own.read_bytes() + b"zz,12-15,a letter,me,\n")
    assert digest(FOI_REFERENCE=str(tmp_path)) != projects
