"""Search: figures, labels and disclosures of the release in force that have all words of a text.

Case, accents and punctuation do not matter, and a word may stand inside another one. Nothing is guessed beyond that: no
likeness, no synonyms. The order is always the same: what has more of the words as whole words first, then what says
least besides them, then by name.
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipeline.figures.catalogue import TABLES
from pipeline.lineage.trace.finding import release_in_force, release_words
from pipeline.store.duck import ask, opened
from pipeline.store.places import Places

FOUND = 10
"""How many of each kind are listed unless more are asked for."""


class NoWords(Exception):
    """Raised at a text without a letter or digit; says what to do."""


def search(
    places: Places, text: str, limit: int = FOUND, *, synthetic: bool = False, superseded: bool = False
) -> dict[str, Any]:
    """Return what has all words of a text: {text, words, release, totals {figures, labels, disclosures}, and of each}.

    figures: id, table, title, value, value_min, value_max, unit, n, reason; made-up and superseded ones only where they
    are asked for. labels: label, dimension, code, status, extract_id, n, first_line. disclosures: disclosure, force,
    reference, title, decision, responded, caveats (those that have a word), in each at most `limit`, `totals` say how
    many there are. Raises NotFound where nothing is published, NoWords where the text has none.
    """
    release = release_in_force(places)
    with opened(release.path) as db:
        words = ask(db, f"select {_folded('?')} as words", [text])[0]["words"].split()
        if not words:
            raise NoWords(f"{text!r}: found no letter or digit; expected words to look for")
        words = sorted(set(words))
        found = {
            "figures": _figures(db, words, limit, synthetic=synthetic, superseded=superseded),
            "labels": _labels(db, words, limit),
            "disclosures": _disclosures(db, words, limit),
        }
        return {
            "text": text,
            "words": words,
            "release": release_words(db),
            "totals": {name: total for name, (total, _) in found.items()},
            **{name: rows for name, (_, rows) in found.items()},
        }


def _folded(text: str) -> str:
    """Return the SQL of a text in lower case, without accents, and with blanks for all that is no letter or digit."""
    return f"regexp_replace(lower(strip_accents({text})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')"


def _ranked(
    db: duckdb.DuckDBPyConnection, candidates: str, words: list[str], limit: int, columns: str, order: str
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many candidates have all words, and the first of them.

    `candidates` is a query with a column `folded`, the text to look in; `order` decides between equal ones.
    """
    has = " and ".join(["contains(folded, ?)"] * len(words))
    whole = " + ".join(["contains(' ' || folded || ' ', ' ' || ? || ' ')::int"] * len(words))
    rows = ask(
        db,
        f"select {columns}, count(*) over () as total from "
        f"({candidates}) where {has} "
        f"order by {whole} desc, length(folded), {order} limit {int(limit)}",
        [*words, *words],
    )
    total = rows[0]["total"] if rows else 0
    return total, [{k: v for k, v in row.items() if k != "total"} for row in rows]


def _figures(
    db: duckdb.DuckDBPyConnection, words: list[str], limit: int, *, synthetic: bool, superseded: bool
) -> tuple[int, list[dict[str, Any]]]:
    told = "id, value, value_min, value_max, unit, n, reason, synthetic, superseded_by"
    queries = [
        f"select '{name}' as table_name, {told} from {name} where ({int(synthetic)} or not synthetic) "
        f"and ({int(superseded)} or superseded_by is null)"
        for name in TABLES
    ]
    # ids are of slugs, so nothing in them has to be folded
    candidates = (
        f"with named as materialized (select name, title, {_folded('title')} as words from definition) "
        "select f.*, d.title, translate(f.id, '/-#.', '    ') || ' ' || d.words as folded "
        f"from ({' union all '.join(queries)}) f join named d on d.name = f.table_name"
    )
    columns = "id, table_name as 'table', title, value, value_min, value_max, unit, n, reason, synthetic, superseded_by"
    return _ranked(db, candidates, words, limit, columns, "id")


def _labels(db: duckdb.DuckDBPyConnection, words: list[str], limit: int) -> tuple[int, list[dict[str, Any]]]:
    text = "concat_ws(' ', label, dimension, code)"
    candidates = f"select *, {_folded(text)} as folded from label"
    columns = "label, dimension, code, status, extract_id, n, first_line"
    return _ranked(db, candidates, words, limit, columns, "n desc, extract_id, dimension, label")


def _disclosures(db: duckdb.DuckDBPyConnection, words: list[str], limit: int) -> tuple[int, list[dict[str, Any]]]:
    # the caveat that all figures have says nothing of a disclosure
    text = "concat_ws(' ', d.disclosure, d.reference, d.title, c.texts)"
    candidates = (
        f"select d.*, {_folded(text)} as folded from disclosure d "
        "left join (select disclosure, string_agg(distinct text, ' ' order by text) as texts from caveat "
        "where not starts_with(caveat_id, '#') group by disclosure) c using (disclosure)"
    )
    columns = "disclosure, force, reference, title, decision, responded"
    total, rows = _ranked(db, candidates, words, limit, columns, "disclosure")
    has = " or ".join([f"contains({_folded('text')}, ?)"] * len(words))
    for row in rows:
        query = f"select distinct caveat_id as id, text from caveat where disclosure = ? and ({has}) order by all"
        row["caveats"] = [c for c in ask(db, query, [row["disclosure"], *words]) if not c["id"].startswith("#")]
    return total, rows
