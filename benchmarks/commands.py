"""Wall time and peak memory of the commands a person waits for, on the shipped raw/.

Run: `.venv/bin/python -m benchmarks.commands [ROUNDS]`. The commands are run in turn, round after round, so that a
noisy machine falls on all of them alike; medians, ranges and ratios to bare `import dagster` are printed. The peak is
that of one process; of a first refresh, which is two, also of both together, what they share counted once.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, sleep

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""The environment of a person: modules are compiled once, by the first command, and not by each one anew."""

FIGURE = "platform_year/dorset/01-fin-24-2153/q1/mentions/unstated/tax/tiktok/2023-24"
RATE = "charge_rate/crimes_year/hertfordshire/hospital-2019-2024/records/crimes/unstated/financial/2019-20"


@dataclass
class Command:
    """One command with its bars: seconds and megabytes that the median may not pass, where there are any."""

    name: str
    arguments: list[str]
    seconds: float | None = None
    megabytes: float | None = 500
    times: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    together: list[float] | None = None

    def run(self) -> None:
        """Run once and keep wall time and peak memory of the process; of all its processes too where that is asked."""
        start = perf_counter()
        with subprocess.Popen(
            self.arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, env=COMPILED
        ) as process:
            if self.together is not None:
                self.together.append(peak_of_all(process.pid))
            _, status, usage = os.wait4(process.pid, 0)
            self.times.append(perf_counter() - start)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"{self.name} failed: {process.stderr.read().decode() if process.stderr else ''}")
        self.peaks.append(usage.ru_maxrss / 1024)

    def report(self, floor: float) -> str:
        """Return one line: median, range, bar, ratio to the floor, peak memory."""
        median = statistics.median(self.times)
        bar = "" if self.seconds is None else f"{'ok' if median < self.seconds else 'OVER'} < {self.seconds:g} s"
        return (
            f"{self.name:<34} {median:6.2f} s  ({min(self.times):.2f} to {max(self.times):.2f})  {bar:<14}"
            f"{median / floor:5.1f} x  peak {max(self.peaks):4.0f} MB"
            + (f", together {max(self.together):.0f} MB" if self.together else "")
        )


def peak_of_all(pid: int) -> float:
    """Return the most megabytes that a process and its children held at once; a page they share counts once."""
    peak = 0.0
    while own := held_by(str(pid)):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        peak = max(peak, own + sum(map(held_by, children)))
        sleep(0.1)
    return peak


def held_by(pid: str) -> float:
    """Return the proportional set size of a process in megabytes; 0 when it has ended."""
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in said if line.startswith("Pss:")) / 1024


def main(rounds: int) -> None:
    """Measure and print."""
    floor = Command("floor: import dagster", [str(BIN / "python"), "-c", "import dagster"])
    foi = str(BIN / "foi")
    with tempfile.TemporaryDirectory(prefix="foi-bench-") as scratch:
        kept = Path(scratch) / "kept"
        again = Command("refresh, nothing new", [foi, "refresh", "--json", "--warehouse", str(kept)], 4)
        reads = [
            Command("trace, one line", [foi, "trace", FIGURE, "--warehouse", str(kept)], 0.7),
            Command("trace, 883 lines", [foi, "trace", RATE, "--all", "--json", "--warehouse", str(kept)], 0.7),
            Command("figures, one table", [foi, "figures", "crimes_year", "--warehouse", str(kept)]),
            Command("status", [foi, "status", "--warehouse", str(kept)]),
        ]
        Command("warm up", again.arguments).run()
        first = Command("refresh, first", [], 10, together=[])
        for number in range(rounds):
            first.arguments = [foi, "refresh", "--json", "--warehouse", str(Path(scratch) / f"first-{number}")]
            for command in (floor, first, again, *reads):
                command.run()
        base = statistics.median(floor.times)
        print(f"{rounds} rounds, medians (range), ratio to the floor")
        for command in (floor, first, again, *reads):
            print(command.report(base))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
