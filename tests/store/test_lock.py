"""One refresh at a time, and no lock outlives its process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.store.digests import ROOT
from pipeline.store.lock import Busy, refresh_lock

_HOLD = """
import sys, time
from pathlib import Path
from pipeline.store.lock import refresh_lock
with refresh_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
_TRY = """
import sys
from pathlib import Path
from pipeline.store.lock import Busy, refresh_lock
try:
    with refresh_lock(Path(sys.argv[1])):
        print("taken")
except Busy as busy:
    print(busy)
"""


@contextmanager
def other_process_holding(lock: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _HOLD, str(lock)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def tried_by_another(lock: Path) -> str:
    command = [sys.executable, "-c", _TRY, str(lock)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def test_another_process_is_told_who_is_at_work_and_what_to_do(tmp_path: Path) -> None:
    lock = tmp_path / "warehouse" / "refresh.lock"
    with refresh_lock(lock):
        said = tried_by_another(lock)
    assert f"process {os.getpid()}" in said
    assert "wait until it ends and try again" in said
    assert tried_by_another(lock) == "taken"


def test_a_process_may_take_its_own_lock_again_and_keeps_it_till_the_outer_block_ends(tmp_path: Path) -> None:
    lock = tmp_path / "refresh.lock"
    with refresh_lock(lock):
        with refresh_lock(lock):
            pass
        assert "another refresh" in tried_by_another(lock)
    assert tried_by_another(lock) == "taken"


def test_the_lock_is_free_again_after_a_failure(tmp_path: Path) -> None:
    lock = tmp_path / "refresh.lock"
    with pytest.raises(RuntimeError), refresh_lock(lock), refresh_lock(lock):
        raise RuntimeError("bug")
    assert tried_by_another(lock) == "taken"


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    lock = tmp_path / "refresh.lock"
    with other_process_holding(lock) as process:
        with pytest.raises(Busy, match=f"process {process.pid}"), refresh_lock(lock):
            pass
        process.kill()
        process.wait()
        with refresh_lock(lock):
            assert lock.read_text("utf-8") == str(os.getpid())
