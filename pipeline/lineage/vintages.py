"""Vintages: the answers to one question in time, and what changed in their lines from one to the next.

Which answer replaces which is said by the manifests (`supersedes`, `corrects`); nothing is inferred. Tables are
compared with the table of the same id, by what their lines say and not by what it was read as. Everything is read
from the release in force and its store files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.lineage.pairing import CHANGED, KNOWN_BY, LABELS, PLACE, pair_lines
from pipeline.lineage.trace import NotFound
from pipeline.normalisation.relation import make_observation
from pipeline.store.duck import ask, memory, opened
from pipeline.store.places import Places
from pipeline.store.releases import current_release

SHOWN_LINES = 1000
"""Lines of a comparison that are listed with their places; the numbers are always of all."""


def vintages(places: Places, name: str | None = None) -> dict[str, Any]:
    """Return the chains of answers in the release in force: {release, chains [{answers, changes}]}.

    Without a name, every chain of two answers or more, and no `changes`. With `<force>/<reference>`, that answer's
    chain; with `<force>/<reference>/<table>`, the changes of that table only. Raises NotFound.

    answers: disclosure, reference, title, received, responded, published, decision, supersedes, corrects,
    superseded_by, tables [{table_id, layout, unit, as_at, records, rejected, figures}], oldest first.
    changes: older, newer, word (supersedes or corrects), tables [{table_id, why_not, ...}], only_older, only_newer.
    For each table: compared (columns), not_compared (those that one answer lacks), and the fields of `Pairing`, with
    the places of the lines that are not equal under `lines`.
    """
    release = current_release(places)
    if release is None:
        raise NotFound("nothing is published yet; run `foi refresh`")
    with opened(release.path) as db:
        answers = {row["disclosure"]: row for row in ask(db, "from disclosure order by disclosure")}
        links = _links(answers)
        chains = _chains(answers, links)
        table = None
        if name is None:
            chains = [chain for chain in chains if len(chain) > 1]
        else:
            disclosure, table = _named(db, answers, name)
            chains = [chain for chain in chains if disclosure in chain]
        return {
            "release": release.number,
            "chains": [
                {
                    "answers": [_answer(db, answers[d], links) for d in chain],
                    "changes": []
                    if name is None
                    else [_change(db, places, link, table) for link in links if link[0] in chain],
                }
                for chain in chains
            ],
        }


class _Named(NamedTuple):
    """What of an answer in a release says how it stands to others."""

    name: str
    force: str
    reference: str | None
    supersedes: str | None
    corrects: str | None


def replaced_answers(db: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Return (older, newer, word) for each answer of a release that another one supersedes or corrects."""
    return _links({row["disclosure"]: row for row in ask(db, "from disclosure order by disclosure")})


def _links(answers: dict[str, dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return (older, newer, word) for each answer that another one replaces or corrects."""
    # the reader of manifests takes as long to import as all else; `foi changes` imports this module for answers alone
    from pipeline.intake.raw import replacements

    said = [_Named(name, *(row[k] for k in _Named._fields[1:])) for name, row in answers.items()]
    return [(older.name, newer.name, word) for older, newer, word in replacements(said)]


def _chains(answers: Iterable[str], links: Sequence[tuple[str, str, str]]) -> list[list[str]]:
    """Return the answers in groups that links hold together, each with the older before the newer."""
    group = {d: {d} for d in answers}
    for older, newer, _ in links:
        together = group[older] | group[newer]
        for d in together:
            group[d] = together
    depth = dict.fromkeys(group, 0)
    for _ in links:
        for older, newer, _ in links:
            depth[newer] = max(depth[newer], min(depth[older] + 1, len(group)))
    chains = {min(members): members for members in group.values()}
    return [sorted(members, key=lambda d: (depth[d], d)) for _, members in sorted(chains.items())]


def _named(db: duckdb.DuckDBPyConnection, answers: dict[str, dict[str, Any]], name: str) -> tuple[str, str | None]:
    """Return the disclosure, and the table if one is named; raises NotFound."""
    disclosure, table = "/".join(name.split("/")[:2]), "/".join(name.split("/")[2:]) or None
    if disclosure not in answers:
        query = "select disclosure from disclosure order by jaro_winkler_similarity(disclosure, ?) desc, 1 limit 3"
        near = ", ".join(row["disclosure"] for row in ask(db, query, [disclosure]))
        raise NotFound(f"no disclosure {disclosure!r} in the release; near to it: {near or 'none'}")
    tables = [t["table_id"] for t in _tables(db, disclosure)]
    if table is not None and table not in tables:
        raise NotFound(f"{disclosure} has no table {table!r}; it has {', '.join(tables) or 'none'}")
    return disclosure, table


def _answer(
    db: duckdb.DuckDBPyConnection, answer: dict[str, Any], links: Sequence[tuple[str, str, str]]
) -> dict[str, Any]:
    disclosure = answer["disclosure"]
    return {
        **{k: answer[k] for k in ("disclosure", "force", "reference", "title", "received", "responded", "published")},
        **{k: answer[k] for k in ("decision", "supersedes", "corrects")},
        "superseded_by": sorted({newer for older, newer, _ in links if older == disclosure}),
        "tables": _tables(db, disclosure),
    }


def _tables(db: duckdb.DuckDBPyConnection, disclosure: str) -> list[dict[str, Any]]:
    query = (
        "with figures as (select table_id, count(*) as n from figure where disclosure = ? group by table_id), "
        "lost as (select extract_id, count(*) as n from rejected group by extract_id), "
        "extracts as (select table_id, sum(records)::bigint as records, coalesce(sum(lost.n), 0)::bigint as rejected "
        "from extract left join lost using (extract_id) where disclosure = ? group by table_id) "
        "select t.table_id, t.layout, t.unit, c.text as as_at, x.records, x.rejected, coalesce(f.n, 0) as figures "
        "from source_table t join extracts x using (table_id) left join figures f using (table_id) "
        "left join caveat c on c.caveat_id = t.disclosure || '/' || t.table_id || '#as-at' "
        "where t.disclosure = ? order by t.table_id"
    )
    return ask(db, query, [disclosure] * 3)


def _change(
    db: duckdb.DuckDBPyConnection, places: Places, link: tuple[str, str, str], only: str | None
) -> dict[str, Any]:
    """Return what changed from one answer to the one that replaces it, table by table."""
    older, newer, word = link
    before, after = ({t["table_id"]: t for t in _tables(db, d)} for d in (older, newer))
    shared = [t for t in before if t in after and only in {None, t}]
    return {
        "older": older,
        "newer": newer,
        "word": word,
        "tables": [
            {"table_id": t, **_compared(db, places, before[t], after[t], [(older, t), (newer, t)])} for t in shared
        ],
        "only_older": [t for t in before if t not in after],
        "only_newer": [t for t in after if t not in before],
    }


def _compared(
    db: duckdb.DuckDBPyConnection,
    places: Places,
    before: dict[str, Any],
    after: dict[str, Any],
    keys: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return how the lines of one table pair with those of another, or `why_not`."""
    if before["layout"] != after["layout"]:
        return {"why_not": f"{before['layout']} and {after['layout']} cannot be compared line by line"}
    with memory() as work:
        sides = ("lines_before", "lines_after")
        present = []
        for side, key in zip(sides, keys, strict=True):
            make_observation(work, _stored(db, places, key), name=f"observation_{side}")
            work.execute(f"create temp view {side} as {_lines(f'observation_{side}', before['layout'])}")
            present.append(_present(work, side))
        compared = [c for c in _columns(before["layout"]) if all(c in columns for columns in present)]
        pairing = pair_lines(work, sides[0], sides[1], compared)
        return {
            "why_not": None,
            "layout": before["layout"],
            "compared": compared,
            "not_compared": sorted(present[0] ^ present[1]),
            **asdict(pairing),
            "lines": _changed_lines(work),
        }


def _stored(db: duckdb.DuckDBPyConnection, places: Places, key: tuple[str, str]) -> list[Path]:
    """Return the paths of the observations of one table."""
    query = (
        "select s.path from store_file s join extract e on e.extract_id = s.name "
        "where s.layer = 'observations' and e.disclosure = ? and e.table_id = ? order by s.name"
    )
    return [places.warehouse / row["path"] for row in ask(db, query, key)]


def _columns(layout: str) -> list[str]:
    """Return the columns of text that are compared: for records with the reference, for cells with the count."""
    return [*LABELS, "other", "reference" if layout == "records" else "printed"]


def _lines(observations: str, layout: str) -> str:
    """Return the query of the lines to compare, with what each is known by."""
    labels = ", ".join(f"{name}_label as {name}" for name in LABELS)
    own = "reference" if layout == "records" else "printed"
    return f"select {', '.join(PLACE)}, {labels}, other, {own}, {KNOWN_BY} as known_by from {observations}"


def _present(work: duckdb.DuckDBPyConnection, side: str) -> set[str]:
    """Return the columns that say anything on one side: a column that an answer lacks is null in all its lines."""
    names = [row[0] for row in work.execute(f"describe {side}").fetchall()]
    texts = [name for name in names if name not in {*PLACE, "known_by"}]
    counted = work.execute(f"select {', '.join(f'count({name})' for name in texts)} from {side}").fetchall()[0]
    return {name for name, n in zip(texts, counted, strict=True) if n}


def _changed_lines(work: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the places of lines that are not equal, the first SHOWN_LINES: no values, those are in the files."""
    places = [f"{side}.{name} as {side}_{name}" for side in ("before", "after") for name in PLACE]
    query = f"select kind, why, {', '.join(places)} from {CHANGED} order by all limit {SHOWN_LINES}"
    return [
        {"kind": row["kind"], "why": row["why"], **{side: _place(row, side) for side in ("before", "after")}}
        for row in ask(work, query)
    ]


def _place(row: dict[str, Any], side: str) -> dict[str, Any] | None:
    if row[f"{side}_extract_id"] is None:
        return None
    return {name: row[f"{side}_{name}"] for name in PLACE}
