"""Reports: what a refresh did, and whether a disclosure would be accepted, as plain JSON."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from pipeline.intake.problem import Refused
from pipeline.intake.raw import Raw, read_disclosure
from pipeline.normalisation.forces import force_names
from pipeline.publication.build import Build
from pipeline.publication.checks import verdicts
from pipeline.publication.release import Outcome
from pipeline.store.duck import memory, parquet, rows
from pipeline.store.places import Places


def refresh_report(build: Build, outcome: Outcome) -> dict[str, Any]:
    """Return {release, published, message, extracts: {new, reused, refused}, records, labels, checks}."""
    reused = [o.extract.extract_id for o in build.observations if o.reused]
    (labels,) = verdicts(build, "unmapped_labels")
    return {
        "release": outcome.release.number if outcome.release else None,
        "published": outcome.published,
        "message": outcome.message,
        "extracts": {
            "new": [o.extract.extract_id for o in build.observations if not o.reused],
            "reused": reused,
            "refused": [{"extract_id": r.name, "reason": r.reason} for r in build.refusals],
        },
        "records": {
            "accepted": sum(v.report["validated"] for v in build.accepted),
            "rejected": sum(v.report["rejected"] for v in build.accepted),
        },
        "labels": {"unmapped": labels.failed},
        "checks": [
            {"name": v.name, "severity": v.severity, "passed": v.passed, "message": v.message} for v in outcome.verdicts
        ],
    }


def check_disclosure(folder: Path) -> dict[str, Any]:
    """Return {disclosure, accepted, refused: [{extract_id, reason}], extracts: [...]} without storing anything."""
    folder = folder.resolve()
    name = f"{folder.parent.name}/{folder.name}"
    with tempfile.TemporaryDirectory(prefix="foi-check-") as scratch:
        places = Places.of(folder.parent.parent, scratch)
        try:
            extracts = tuple(read_disclosure(folder, places, force_names()))
        except Refused as refused:
            reason = "\n".join(str(p) for p in refused.problems)
            return {
                "disclosure": name,
                "accepted": False,
                "refused": [{"extract_id": name, "reason": reason}],
                "extracts": [],
            }
        disclosures = tuple({e.disclosure.name: e.disclosure for e in extracts}.values())
        build = Build(places, Raw(disclosures, extracts, (), ()))
        return {
            "disclosure": name,
            "accepted": not build.refusals,
            "refused": [{"extract_id": r.name, "reason": r.reason} for r in build.refusals],
            "extracts": [
                {
                    "extract_id": v.extract.extract_id,
                    "lines": v.source.account["physical_lines"],
                    "records": v.source.account["records"],
                    "rejected": v.report["rejected"],
                    "unmapped": _unmapped(o.labels),
                }
                for v, o in zip(build.accepted, build.observations, strict=True)
            ],
        }


def _unmapped(labels: Path) -> list[dict[str, Any]]:
    with memory() as db:
        return rows(
            db.execute(
                f"select dimension, label, status, n, first_line from {parquet(labels)} "
                "where status not in ('mapped', 'unknown') order by n desc, dimension, label"
            )
        )
