"""What a release says, as plain values: the JSON of the verbs that only read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.figures.catalogue import TABLES
from pipeline.reception.waiting import undrafted, waiting
from pipeline.store.duck import ask, opened, rows
from pipeline.store.files import read_json
from pipeline.store.places import Places
from pipeline.store.release_log import verify_log
from pipeline.store.releases import current_release
from pipeline.store.signing import BadKey
from pipeline.store.withdrawals import TornTombstones


class Unknown(Exception):
    """Raised at a table or dimension that is not there; says which are."""


class NothingPublished(Exception):
    """Raised where there is no release yet."""


def conditions(where: Iterable[str]) -> dict[str, str]:
    """Return `dim=value` texts as a mapping; raises Unknown where one has no `=`."""
    found = {}
    for text in where:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Unknown(f"--where {text!r}: expected dim=value, for example platform=tiktok")
        found[name.strip()] = value.strip()
    return found


def figures(
    places: Places, table: str | None, where: Mapping[str, str], *, synthetic: bool, superseded: bool
) -> dict[str, Any]:
    """Return {figures: [...]} of one table, or {tables: [...]} where none is named.

    Where there is none, `values` are those that the dimensions asked for have, and `hidden` how many were left out.

    Made-up and superseded figures are left out unless asked for. Raises Unknown and NothingPublished.
    """
    release = current_release(places)
    if release is None:
        raise NothingPublished("nothing is published yet; run `foi refresh`")
    if table is not None and table not in TABLES:
        raise Unknown(f"no figure table {table!r}; there are {', '.join(TABLES)}")
    with opened(release.path) as db:
        if table is None and not where:
            return {
                "tables": rows(
                    db.execute(
                        "select d.name, d.title, d.kind, count(f.id) as figures, count(f.value) as with_value "
                        "from definition d left join figure f on f.figure_table = d.name "
                        "and (? or not f.synthetic) and (? or f.superseded_by is null) "
                        "group by d.name, d.title, d.kind order by min(d.rowid)",
                        [synthetic, superseded],
                    )
                ),
                "release": release.number,
            }
        texts = dict(db.execute("select distinct caveat_id, text from caveat").fetchall())
        found: list[dict[str, Any]] = []
        others: dict[str, set[str]] = {}
        hidden = 0
        for name in [table] if table else list(TABLES):
            columns = [row[0] for row in db.execute(f"describe {name}").fetchall()]
            if unknown := sorted(where.keys() - set(columns)):
                if table is None:
                    continue
                raise Unknown(f"{name} has no {', '.join(unknown)}; it has {', '.join(columns)}")
            clauses = [f"lower({column}::varchar) = lower(?)" for column in where]
            values = list(where.values())
            before = len(found)
            asked = f"where {' and '.join(clauses)}" if clauses else ""
            if not synthetic:
                clauses.append("not synthetic")
            if not superseded:
                clauses.append("superseded_by is null")
            condition = f"where {' and '.join(clauses)}" if clauses else ""
            query = f"from {name} {condition} order by id"
            found += [_as_listed(name, row, texts) for row in ask(db, query, values)]
            if len(found) == before:
                hidden += ask(db, f"select count(*) as n from {name} {asked}", values)[0]["n"]
                for column in where:
                    known = db.execute(f"select distinct {column}::varchar from {name} order by 1 limit 40").fetchall()
                    others.setdefault(column, set()).update(row[0] for row in known if row[0] is not None)
    return {
        "figures": found,
        "release": release.number,
        "values": {} if found else {column: sorted(texts) for column, texts in others.items()},
        "hidden": 0 if found else hidden,
    }


def _as_listed(name: str, row: dict[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    caveats = [{"id": i, "text": texts.get(i, "")} for i in row.pop("caveats") or []]
    return {"id": row.pop("id"), "table": name, **row, "caveats": caveats}


def status(places: Places) -> dict[str, Any]:
    """Return the release in force, its extracts with their ledger, its checks, what was refused, and any hold.

    `chain` {ok, findings} is what `foi verify` says of the log. `waiting` are the arrivals in raw/inbox/ that wait for
    a person, `undrafted` those that nothing has drafted yet.
    """
    held = read_json(places.hold) if places.hold.exists() else None
    release = current_release(places)
    broken = _log_findings(places)
    nothing = {
        "release": None,
        "held": held,
        "extracts": [],
        "refused": [],
        "checks": [],
        "chain": {"ok": not broken, "findings": broken},
        "waiting": [entry.as_json() for entry in waiting(places)],
        "undrafted": list(undrafted(places)),
    }
    if release is None:
        return nothing
    with opened(release.path) as db:
        info = rows(db.execute("select number, digest, published_at from release_info"))[0]
        return nothing | {
            "release": info,
            "extracts": rows(
                db.execute(
                    "select l.extract_id, e.file, e.sha256, l.lines, l.counted, l.uncounted, l.rejected, l.set_aside "
                    "from ledger l join extract e using (extract_id) order by l.extract_id"
                )
            ),
            "refused": rows(db.execute("from refused order by name")),
            "checks": rows(db.execute("select name, severity, passed, message from check_result order by rowid")),
        }


def _log_findings(places: Places) -> list[str]:
    """Return in words what does not hold of the log; that it cannot be checked is a finding too."""
    try:
        return [str(finding) for finding in verify_log(places)]
    except (BadKey, TornTombstones) as error:
        return [str(error)]
