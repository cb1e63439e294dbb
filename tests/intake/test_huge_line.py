"""A line that is a file of its own, of a gigabyte, is refused with its place, in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store.digests import ROOT

GIB = 1 << 30
MOST = 500 << 20
"""Bytes of memory that the reading may take."""
READ = """
import sys
from pathlib import Path
from pipeline.cli import main
try:
    main(["read", "--json", sys.argv[1]])
finally:
    # of this program alone: getrusage begins with the memory of the process that started it
    (peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(int(peak.split()[1]) * 1024, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("huge") / "huge.csv"
    piece = b"a" * (1 << 24)
    with path.open("wb") as stream:
        stream.write(b"Offence,Count\n")
        for _ in range(GIB // len(piece)):
            stream.write(piece)
    yield path
    path.unlink()


@pytest.mark.parametrize("suffix", [".csv", ".md", ".html", ".txt"])
def test_a_line_of_a_gigabyte_is_refused_with_its_place_in_bounded_memory(huge: Path, suffix: str) -> None:
    path = huge.with_suffix(suffix)
    if path != huge:
        os.link(huge, path)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1, done.stderr
    refused = json.loads(done.stdout)["refused"]
    assert refused["line_no"] == 2
    assert f"{path.name}:2: found a line of more than" in refused["reason"]
    assert int(done.stderr.splitlines()[-1]) < MOST
