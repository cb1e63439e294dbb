"""The one resource: the build that a run works on.

A run looks at raw/ once, and all its assets see that look, so that one release is never made of two states of raw/.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.publication.ahead import WaitFor, nothing_ahead
from pipeline.publication.build import Build
from pipeline.publication.release import Outcome
from pipeline.store.places import Places

KEPT_RUNS = 4


@dataclass
class Foi:
    """Places, the build of each run in this process, and what came of publishing it.

    `progress` is told what is going on, for a person who waits. `look` is a look at raw/ already taken. `wait_for`
    returns when an asset that another process makes ahead is made.
    """

    places: Places = field(default_factory=Places.of)
    progress: Callable[[str], None] = lambda words: None
    look: Build | None = None
    wait_for: WaitFor = nothing_ahead
    builds: dict[str, Build] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def build(self, run_id: str) -> Build:
        """Return the build of a run; the first asset that asks takes the look at raw/."""
        if run_id not in self.builds:
            while len(self.builds) >= KEPT_RUNS:
                self.builds.pop(next(iter(self.builds)))
            self.builds[run_id] = self.look or Build.of(self.places)
        return self.builds[run_id]
