"""Perturbations: each edits one column of the extracts, or one key of the manifests, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from tests.lineage.perturbable import UNSEEN, Case, Disclosed, File, asked

Perturbation = Callable[[Case], None]


def columns_of(disclosures: Case, part: str) -> Iterator[tuple[File, str]]:
    """Yield every file that has a column for a part, with the column's canonical name; wide ones have several."""
    for disclosed in disclosures:
        for file in disclosed.files.values():
            for name in file.columns:
                if name.split(":")[0] == part or (part == "count" and name in {"2019", "2020"}):
                    yield file, name


def turned(part: str) -> Perturbation:
    """Return the perturbation that gives every row a value that other rows had: each value becomes the next one."""

    def perturb(disclosures: Case) -> None:
        for file, name in columns_of(disclosures, part):
            values = list(dict.fromkeys(row[name] for row in file.rows))
            following = dict(zip(values, [*values[1:], values[0]], strict=True))
            for row in file.rows:
                row[name] = following[row[name]]

    return perturb


def unseen(part: str) -> Perturbation:
    """Return the perturbation that writes what was in no line into the first row of each file."""

    def perturb(disclosures: Case) -> None:
        for file, name in columns_of(disclosures, part):
            if part == "count":
                for row, text in zip(file.rows, ("31 (2 twice)", "*", ""), strict=False):
                    row[name] = text
            elif part == "period":
                for row in file.rows[: 1 + len(file.rows) // 6]:
                    row[name] = "2018-11" if "-" in row[name] else "2019/20" if row[name][4:5] == "/" else "2018"
            else:
                for row in [file.rows[0], *(r for r in file.rows if r.get("period") == "2021")][:2]:
                    row[name] = UNSEEN[name]

    return perturb


def total(part: str) -> Perturbation:
    """Return the perturbation that leaves the printed counts of the first labels; the rest are totals, or blank."""

    def perturb(disclosures: Case) -> None:
        for file, name in columns_of(disclosures, part):
            if "count" in file.columns:
                dimensions = [c for c in file.columns if c not in {"count", "spare"}]
                kept = {c: list(dict.fromkeys(row[c] for row in file.rows))[:2] for c in dimensions}
                gone = [r for r in file.rows[:-1] if any(r[c] not in kept[c] for c in dimensions)]
                for row in [*gone, file.rows[-1]]:
                    row[name] = "" if part == "count" else "Total"

    return perturb


def both(one: Perturbation, other: Perturbation) -> Perturbation:
    """Return two perturbations, one after the other."""

    def perturb(disclosures: Case) -> None:
        one(disclosures)
        other(disclosures)

    return perturb


def moved(disclosures: Case) -> None:
    """Put a blank line and a record of too few fields above the second record, and make the first one two lines."""
    for disclosed in disclosures:
        for file in disclosed.files.values():
            file.extra_lines = {1: "\nx\n"}
            if "spare" in file.columns:
                file.rows[0]["spare"] = "S\n0"


EXTRACT: dict[str, tuple[Perturbation, ...]] = {
    part: (both(turned(part), unseen(part)), total(part))
    for part in ("period", "offence", "outcome", "platform", "age", "other", "count")
} | {"mentions": (turned("mentions"),), "reference": (turned("reference"),), "line": (moved,)}
"""For each column of an extract, its perturbations."""


def _main(disclosures: Case) -> Disclosed:
    return disclosures[0]


def _tables(disclosures: Case) -> Iterator[dict[str, Any]]:
    for disclosed in disclosures:
        yield from disclosed.tables


def said(key: str, value: Any, layouts: str = "counts") -> Perturbation:
    """Return the perturbation that says something else of every table of some layouts."""

    def perturb(disclosures: Case) -> None:
        for one in _tables(disclosures):
            if one["layout"] in layouts:
                one[key] = deepcopy(value)

    return perturb


def of_disclosure(key: str, value: Any) -> Perturbation:
    """Return the perturbation that says something else of every disclosure that says it."""

    def perturb(disclosures: Case) -> None:
        for disclosed in disclosures:
            if key in disclosed.manifest:
                disclosed.manifest[key] = deepcopy(value)

    return perturb


def renamed(disclosures: Case) -> None:
    """Move every disclosure to another force."""
    forces = {"avon-and-somerset": "bedfordshire", "cleveland": "cumbria", "dorset": "derbyshire"}
    for disclosed in disclosures:
        disclosed.force = forces[disclosed.force]


def other_reference(disclosures: Case) -> None:
    for disclosed in disclosures:
        disclosed.reference += "/a"


def other_tables(disclosures: Case) -> None:
    for one in _tables(disclosures):
        one["id"] += "-a"


def other_files(disclosures: Case) -> None:
    for disclosed in disclosures:
        disclosed.files = {f"a-{name}": file for name, file in disclosed.files.items()}
        for one in disclosed.tables:
            one["extracts"] = [{"file": f"a-{e['file']}"} for e in one["extracts"]]


def other_unit(disclosures: Case) -> None:
    for one in _tables(disclosures):
        one |= {"record_is": "unknown"} if one["layout"] == "records" else {"unit": "arrests"}


def other_markers(disclosures: Case) -> None:
    """Let `*` stand for another interval, let one count be of three parts, and let another label mark a total."""
    for one in _tables(disclosures):
        if one["layout"] == "counts":
            one["markers"]["*"] |= {"max": 9}
            one["markers"]["31 (2 twice)"] = {"kind": "not_held"}
            for label in (
                "April 2022 to March 2023",
                "2020-05",
                "Facebook, TikTok",
                "s127",
                "Not yet assigned",
                "Unknown",
                "South",
            ):
                one["markers"][label] = {"kind": "total"}


def superseded(disclosures: Case) -> None:
    _main(disclosures).manifest["supersedes"] = "TEST/0"


def other_covers(disclosures: Case) -> None:
    """Let tables cover more or less, and let one print years from 1 April instead of from 6 April."""
    for one in _tables(disclosures):
        one["covers"] |= {"end": "2022-12-31" if one["layout"] == "records" else "2020-04-10"}
        if one["id"] in {"dense", "sparse"}:
            one["covers"] |= {"start": "2020-01-01", "end": "2020-02-29"}
        if one["id"] == "april":
            one["covers"] = {"basis": "financial", "start": "2020-04-01", "end": "2022-03-31"}


def other_constants(disclosures: Case) -> None:
    labels = {"offence": "s127", "outcome": "1", "platform": "TikTok", "age": "13", "other:area": "West"}
    for one in _tables(disclosures):
        if "constants" in one:
            period = "period" in one["constants"]
            one["constants"] = {d: {"value": v} for d, v in ({"period": "2020"} if period else labels).items()}


def other_search(disclosures: Case) -> None:
    for one in _tables(disclosures):
        for term in one.get("search", {}).get("terms", ()):
            term["platform"] = "Snapchat"
        if one["id"] == "april":
            one["search"] = {"terms": [{"text": "x", "platform": "TikTok"}]}


def no_search(disclosures: Case) -> None:
    for one in _tables(disclosures):
        if one["id"] != "searched":
            one.pop("search", None)


def nothing_more_asked(disclosures: Case) -> None:
    for one in _tables(disclosures):
        if one.get("question") == "mass-cut":
            del one["question"]


def only_one_asked(disclosures: Case) -> None:
    for one in _main(disclosures).tables:
        if one.get("question") == "mass":
            del one["question"]


def uncertain(disclosures: Case) -> None:
    for disclosed in disclosures:
        for one in disclosed.tables:
            if all("offence" in disclosed.files[e["file"]].columns for e in one["extracts"]):
                one["uncertain"] = ["offence"]


def cut(disclosures: Case) -> None:
    """Let every whole table be cut, and every cut one be whole."""
    for one in _tables(disclosures):
        if one.pop("complete", "yes") == "yes":
            one["complete"] = "cut"
        one.pop("known_total", None)


MANIFEST: dict[str, tuple[Perturbation, ...]] = {
    "force": (renamed,),
    "reference": (other_reference,),
    "supersedes": (superseded,),
    "responded": (of_disclosure("responded", "2024-07-01"),),
    "holding": (of_disclosure("holding", "part"),),
    "answers": (
        of_disclosure("answers", [asked("mass", "partial", exemptions=["s12"]), asked("mass-cut"), asked("more")]),
    ),
    "caveats": (of_disclosure("caveats", [{"id": "later", "text": "Other."}]),),
    "table": (other_tables,),
    "file": (other_files,),
    "unit": (other_unit,),
    "date_basis": (said("date_basis", "recorded", "counts records"),),
    "markers": (other_markers,),
    "blank": (said("blank", "zero"),),
    "covers": (other_covers,),
    "constants": (other_constants,),
    "search": (other_search, no_search),
    "question": (nothing_more_asked, only_one_asked),
    "uncertain": (uncertain,),
    "complete": (cut,),
    "breaks": (said("breaks", [{"date": "2020-01-01", "text": "another system"}]),),
    "evidence": (said("evidence", "press_compiled", "counts records"),),
    "period_labels": (said("period_labels", {"2021": {"start": "2021-04-01", "end": "2022-03-31"}}),),
}
"""For each key of a manifest that can be changed and nothing else with it, its perturbations."""
