"""What the log says of two releases: what each was made from, and the digests of its tables.

Digests outlive a release that a withdrawal removed: by them it is proved what is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.lineage.changes.figures import NotComparable
from pipeline.store.places import Places
from pipeline.store.releases import read_log
from pipeline.store.withdrawals import Tombstone, tombstones


@dataclass(frozen=True)
class Logged:
    """What the log says of two releases, `a` and `b`: what each was made from, and the digests of its tables."""

    a: Mapping[str, Any]
    b: Mapping[str, Any]
    withdrawals: tuple[Tombstone, ...]

    @classmethod
    def of(cls, places: Places, a: int, b: int) -> Logged:
        """Return what the log says; raises NotComparable where it says nothing of a release."""
        said = {entry["number"]: entry for entry in read_log(places) if entry.get("event") == "release"}
        if missing := [str(number) for number in (a, b) if number not in said]:
            raise NotComparable(f"the log says nothing of release {', '.join(missing)}; `foi verify` says what it lost")
        before, after = said[a]["extracts"], said[b]["extracts"]
        lost = {sha256 for name, sha256 in before.items() if after.get(name) != sha256}
        return cls(said[a], said[b], tuple(t for t in tombstones(places) if lost & t.bytes))

    @cached_property
    def withdrawn(self) -> frozenset[str]:
        """The extracts of `a` that were withdrawn."""
        gone = frozenset[str]().union(*(t.bytes for t in self.withdrawals))
        return frozenset(n for n, sha256 in self.a["extracts"].items() if sha256 in gone and n in self._differing)

    @cached_property
    def extracts(self) -> dict[str, list[str]]:
        """The extracts that are new, gone, withdrawn, of other bytes; which labels are read otherwise is not held."""
        before, after = self.a["extracts"].keys(), self.b["extracts"].keys()
        return {
            "new": sorted(after - before),
            "gone": sorted(before - after - self.withdrawn),
            "withdrawn": sorted(self.withdrawn),
            "changed": sorted((self._differing & after & before) - self.withdrawn),
            "read_otherwise": [],
        }

    @cached_property
    def _differing(self) -> frozenset[str]:
        return frozenset(_differing(self.a["extracts"], self.b["extracts"]))

    @cached_property
    def manifests(self) -> frozenset[str]:
        """The disclosures whose manifests are not the same, those that a withdrawal rewrote among them."""
        return frozenset(_differing(self.a.get("manifests"), self.b.get("manifests")))

    @cached_property
    def of_all(self) -> list[dict[str, Any]]:
        """What else is not the same and may change any figure: reference tables, the code, or what is not said."""
        before, after = (said.get("reference") or {} for said in (self.a, self.b))
        found = [
            differs("reference table", name, before.get(name), after.get(name))
            for name in sorted(_differing(before, after))
        ]
        # a line of an earlier version may not say it: then nothing is proved
        found += [differs(name, None, None, None) for name in ("manifests", "reference") if not self._both_say(name)]
        if not self._both_say("code") or self.a["code"] != self.b["code"]:
            found.append(differs("code", None, self.a.get("code"), self.b.get("code")))
        return found

    def _both_say(self, name: str) -> bool:
        return bool(self.a.get(name) and self.b.get(name))

    def is_read_alike(self, disclosure: str, extracts: Collection[str]) -> bool:
        """Return True where the log proves that some extracts of an answer are the same and are read alike.

        So they are where all of it is the same that their manifest says of them, whatever it says of others, and the
        answer has no extract that is new or gone without being withdrawn: it may be of the same table.
        """
        before, after = (said.get("described") or {} for said in (self.a, self.b))
        others = (name for kind in ("new", "gone") for name in self.extracts[kind])
        return all(e in before and before[e] == after.get(e) for e in extracts) and not any(
            name.startswith(f"{disclosure}/") for name in others
        )

    def is_same_table(self, name: str) -> bool:
        """Return True where a figure table is the same in both, by the digests of its lines."""
        digests = [said.get("tables", {}).get(name) for said in (self.a, self.b)]
        return digests[0] is not None and digests[0] == digests[1]


def _differing(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> set[str]:
    """Return the names that do not stand for the same on both sides; all where one side says nothing."""
    before, after = before or {}, after or {}
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def differs(column: str, label: str | None, before: str | None, after: str | None) -> dict[str, Any]:
    """Return one thing that is not the same, as parts tell it."""
    return {"column": column, "label": label, "before": before, "after": after, "source": None}
