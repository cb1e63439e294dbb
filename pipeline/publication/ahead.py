"""The store filled ahead of a run, by a process of its own.

A refresh imports Dagster and writes its events with one core at work. Beside it another process makes what the run will
ask for. Store files are immutable and named after all they are made of: whoever makes one first has made it for both,
and what is missing, because that process failed or saw another raw/, the run makes itself. It decides nothing.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa

from pipeline.publication.build import Build
from pipeline.publication.checks import SPECS, verdicts
from pipeline.store.places import Places

WORTHWHILE = 200_000
"""Bytes of extracts from which on a process of its own is worth its start."""

RECORDS, OBSERVATIONS = "validated_records", "observations"

WaitFor = Callable[[str], None]
"""Returns when an asset has been made ahead, or will not be."""


def nothing_ahead(asset: str) -> None:
    """Wait for nothing: whoever asks for the asset makes it."""


@contextmanager
def ahead(build: Build) -> Iterator[WaitFor]:
    """Have another process make the assets of a build while the block lasts; yield what waits for one.

    Where there is one core only, or little to read, nothing is made ahead.
    """
    size = sum(extract.path.stat().st_size for extract in build.raw.extracts if extract.path.exists())
    if size < WORTHWHILE or os.cpu_count() == 1:
        yield nothing_ahead
        return
    # -P: a folder called pipeline in the working directory is not ours. What goes wrong there goes wrong here again,
    # and is told here
    command = [sys.executable, "-P", "-m", __name__, str(build.places.raw), str(build.places.warehouse)]
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield _waiting(process.stdout)
        finally:
            process.terminate()


def _waiting(told: IO[str] | None) -> WaitFor:
    made: set[str] = set()

    def wait_for(asset: str) -> None:
        for line in told or ():
            made.add(line.strip())
            if asset in made:
                return

    return lambda asset: None if asset in made else wait_for(asset)


def make(build: Build, say: Callable[[str], None]) -> None:
    """Make every asset of a build but the release, and say the name of each that is there.

    The checks of observations are left to the run, which has nothing else to do while figures are counted.
    """
    if build.accepted:
        say(RECORDS)
    if build.observations:
        say(OBSERVATIONS)
    for asset in dict.fromkeys(spec.asset for spec in SPECS if spec.asset != OBSERVATIONS):
        verdicts(build, asset)
        say(asset)
        pa.default_memory_pool().release_unused()  # two processes share a machine: what is free goes back


if __name__ == "__main__":
    gc.disable()
    make(Build.of(Places.of(*sys.argv[1:3])), lambda asset: print(asset, flush=True))
