"""The export: the release in force as one self-contained DuckDB file for other tools."""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from pathlib import Path

import duckdb

from pipeline.normalisation.relation import make_observation
from pipeline.publication.contents import figure_view
from pipeline.publication.pack.leaving import shown, withhold
from pipeline.store.duck import quoted_path
from pipeline.store.handed_out import note_handed_out
from pipeline.store.places import Places
from pipeline.store.releases import current_release

_TABLE_NAMES = (
    "select table_name from duckdb_tables() where database_name = 'r' and table_name <> 'store_file' order by all"
)


def export(places: Places, target: Path, local: bool) -> None:
    """Write the release in force as one self-contained DuckDB file for other tools.

    Without `local` it has of each table what may leave (pack/leaving.py), and observations of tables of counts alone;
    with it everything, and its owner alone can read it. Raises LookupError where nothing is published, FileExistsError
    where the target exists and NotADirectoryError where it cannot be written. The file is noted, so that a withdrawal
    finds it.
    """
    release = current_release(places)
    if release is None:
        raise LookupError("nothing is published yet; run `foi refresh`")
    if target.exists():
        raise FileExistsError(f"{target} exists; name a file that does not")
    folder = target.absolute().parent
    if not os.access(folder, os.W_OK):
        raise NotADirectoryError(f"{folder} is no folder that can be written to")
    # nobody else can look into such a folder while the file in it grows
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=folder) as scratch:
        temporary = Path(scratch) / "export.duckdb"
        with closing(duckdb.connect(str(temporary))) as db:
            db.execute(f"attach '{quoted_path(release.path)}' as r (read_only)")
            _fill(db, places, local)
            extracts = [row[0] for row in db.execute("select extract_id from extract").fetchall()]
            db.execute("detach r")
            db.execute("checkpoint")
        temporary.chmod(0o600 if local else 0o644)
        os.link(temporary, target)
    note_handed_out(places, target, extracts)


def _fill(db: duckdb.DuckDBPyConnection, places: Places, local: bool) -> None:
    """Create the tables of release `r` as far as they may leave, `observation` and the view `figure`."""
    withhold(db, local, selected=False)
    for name in (row[0] for row in db.execute(_TABLE_NAMES).fetchall()):
        columns = [row[0] for row in db.execute(f"describe r.{name}").fetchall()]
        query = f"from r.{name}" if local else shown(name, columns, selected=False)[0]
        db.execute(f"create table {name} as {query}")
    paths = db.execute(
        "select path from r.store_file where layer = 'observations' "
        "and name not in (select extract_id from withheld where of_records) order by path"
    ).fetchall()
    if paths:
        make_observation(db, [places.warehouse / path for (path,) in paths], name="stored_observation")
        db.execute("create table observation as from stored_observation")
    db.execute(f"create view figure as {figure_view()}")
