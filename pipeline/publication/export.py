"""The export: the release in force as one self-contained DuckDB file for other tools."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from pipeline.normalisation.relation import make_observation
from pipeline.publication.contents import figure_view
from pipeline.store.duck import quoted_path
from pipeline.store.handed_out import note_handed_out
from pipeline.store.places import Places
from pipeline.store.releases import current_release

_TABLE_NAMES = "select table_name from duckdb_tables() where database_name = 'r' order by table_name"


def export(places: Places, target: Path, local: bool) -> None:
    """Write the release in force as one self-contained DuckDB file for other tools.

    Without `local` no row-level value of a record-level extract leaves: rejected and listed values and labels that no
    reference table knows are left out, and of observations only those of tables of counts are taken along. Raises
    LookupError where nothing is published and FileExistsError where the target exists. The file is noted, so that a
    withdrawal can list it.
    """
    release = current_release(places)
    if release is None:
        raise LookupError("nothing is published yet; run `foi refresh`")
    if target.exists():
        raise FileExistsError(f"{target} exists; name a file that does not")
    if not os.access(target.absolute().parent, os.W_OK):
        raise NotADirectoryError(f"{target.absolute().parent} is no folder that can be written to")
    temporary = target.with_name(f".{target.name}.part")
    temporary.unlink(missing_ok=True)
    db = duckdb.connect(str(temporary))
    try:
        db.execute(f"attach '{quoted_path(release.path)}' as r (read_only)")
        private = "disclosure || '/' || table_id in (select disclosure || '/' || table_id from r.source_table where "
        private += "sensitivity <> 'aggregate')"
        for name in [row[0] for row in db.execute(_TABLE_NAMES).fetchall()]:
            if name == "store_file":
                continue
            query = f"from r.{name}"
            if not local and name in {"rejected", "flagged"}:
                values = "null as value" + (", null::varchar[] as fields" if name == "rejected" else "")
                secret = f"extract_id in (select extract_id from r.extract where {private})"
                query = (
                    f"select * from r.{name} where not ({secret}) union all by name "
                    f"select * replace ({values}) from r.{name} where {secret}"
                )
            if not local and name == "label":
                query = "select * from r.label where status = 'mapped' or extract_id in "
                query += "(select extract_id from r.extract where sensitivity = 'aggregate')"
            db.execute(f"create table {name} as {query}")
        paths = db.execute(
            "select path from r.store_file where layer = 'observations' and (? or name in "
            "(select extract_id from r.extract where sensitivity = 'aggregate')) order by path",
            [local],
        ).fetchall()
        if paths:
            make_observation(db, [places.warehouse / p[0] for p in paths], name="stored_observation")
            db.execute("create table observation as from stored_observation")
        db.execute(f"create view figure as {figure_view()}")
        extracts = [row[0] for row in db.execute("select extract_id from extract").fetchall()]
        db.execute("detach r")
        db.execute("checkpoint")
    finally:
        db.close()
    os.link(temporary, target)
    temporary.unlink()
    note_handed_out(places, target, extracts)
