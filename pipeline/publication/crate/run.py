"""A pack as a Process Run RO-Crate: one action read the extracts and made the tables.

RO-Crate 1.1 with the profile Process Run Crate 0.5. Entities are added in the order of their names, so that the same
pack has the same description. What is not known (a person who answers for the run) is left out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from pipeline.publication.crate.facts import Pack, PackedFile, ReleaseFacts, Source, WithheldFile
from pipeline.store.naming import slug

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"

# The context of RO-Crate 1.1 is older than schema.org's term; this is the one that the profile's family defines.
SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"

RIGHTS = (
    "No one licence covers this pack. Each received file has the rights that its disclosure's manifest states, said at "
    "that file; where none is stated, none is given here. Figures are counts of what those files say."
)


def ro_crate(pack: Pack) -> dict[str, Any]:
    """Return the JSON-LD of a pack: its files, the action that made them, what the action read, in what rights.

    Raises ValueError where the release's time is not ISO 8601 with a zone.
    """
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms["sha256"] = SHA256
    release = pack.release
    root = crate.root_dataset
    root["name"] = pack.title
    root["description"] = (
        f"Release {release.number} of figures counted from extracts of answers under the Freedom of Information Act, "
        "with those extracts or their digests, what each of them is, and a script that counts anew."
    )
    root["datePublished"] = release.published_at
    root["version"] = str(release.number)
    root["license"] = _add(crate, "#rights", "CreativeWork", name="Rights as each file states", description=RIGHTS)
    root["identifier"] = _value(crate, "#root-digest", "root digest", f"sha256:{release.root}")
    root["conformsTo"] = _add(crate, PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    for source in pack.sources():
        _add_source(crate, source)
    read: list[Any] = []
    made: list[Any] = []
    for file in sorted(pack.files, key=lambda file: file.path):
        entity = _add_file(crate, file)
        {"input": read, "result": made, "document": []}[file.role].append(entity)
    read += [_add_withheld(crate, file) for file in sorted(pack.withheld, key=lambda file: file.path)]
    read += [_value(crate, f"#parameter-{slug(name)}", name, value) for name, value in sorted(pack.release.parameters)]
    root["mentions"] = _add_action(crate, release, read, made)
    described: dict[str, Any] = crate.metadata.generate()
    return described


def _add_action(crate: ROCrate, release: ReleaseFacts, read: list[Any], made: list[Any]) -> ContextEntity:
    software = _add(
        crate,
        "#foi-figures",
        "SoftwareApplication",
        name="foi-figures",
        softwareVersion=release.software_version,
        identifier=_code(crate, release),
    )
    end = datetime.fromisoformat(release.published_at)
    if end.tzinfo is None:
        raise ValueError(f"release {release.number} was published at {release.published_at}, which states no zone")
    times = {"endTime": end.isoformat(timespec="seconds")}
    if release.seconds is not None:
        times["startTime"] = (end - timedelta(seconds=release.seconds)).isoformat(timespec="milliseconds")
    return _add(
        crate,
        f"#refresh-{release.number}",
        "CreateAction",
        name=f"Refresh that published release {release.number}",
        description="Read the extracts, accounted for every line, counted the figures, checked and published them.",
        instrument=software,
        agent=software,
        object=read,
        result=made,
        actionStatus="http://schema.org/CompletedActionStatus",
        **times,
    )


def _code(crate: ROCrate, release: ReleaseFacts) -> list[ContextEntity]:
    """Add what pins the code: its digest, and the commit with whether anything else was in the folder."""
    pinned = [_value(crate, "#code-digest", "digest of the code that decides what a release says", release.code)]
    if release.commit is not None:
        state = {None: "", False: ", nothing changed since", True: ", with changes since"}[release.dirty]
        pinned.append(_value(crate, "#code-commit", "git commit" + state, release.commit))
    return pinned


def _add_file(crate: ROCrate, file: PackedFile) -> Any:
    facts: dict[str, Any] = {"name": file.words, "encodingFormat": file.media_type}
    if file.sha256 is not None:
        facts["sha256"] = file.sha256
    if file.size is not None:
        facts["contentSize"] = str(file.size)
    if file.source is not None:
        facts |= _rights(file.source)
    return crate.add_file(dest_path=file.path, properties=facts)


def _add_withheld(crate: ROCrate, file: WithheldFile) -> ContextEntity:
    """Add a file that is not in the pack: no data entity, since nobody can open it, but a work with a digest."""
    facts: dict[str, Any] = {"name": file.path, "description": file.words, "sha256": file.sha256}
    if file.size is not None:
        facts["contentSize"] = str(file.size)
    return _add(crate, f"#withheld/{quote(file.path)}", "CreativeWork", **facts, **_rights(file.source))


def _rights(source: Source) -> dict[str, Any]:
    """Return the references from a received file to where it came from and what may be done with it."""
    rights = {"isPartOf": {"@id": _disclosure_id(source)}, "license": {"@id": _licence_id(source)}}
    return rights | ({"copyrightHolder": {"@id": _holder_id(source.holder)}} if source.holder else {})


def _add_source(crate: ROCrate, source: Source) -> None:
    if source.holder is not None:
        _add(crate, _holder_id(source.holder), "Organization", name=source.holder)
    stated = source.licence or "No licence is stated"
    _add(crate, _licence_id(source), "CreativeWork", name=stated)
    facts: dict[str, Any] = {"name": f"{source.force}, {source.reference}", "identifier": source.reference}
    facts["creator"] = _add(crate, f"#force-{slug(source.force)}", "Organization", name=source.force)
    if source.url is not None:
        facts["url"] = source.url
    if source.received is not None:
        facts["description"] = f"Disclosure received {source.received}"
    if source.statement_at is not None:
        facts["usageInfo"] = source.statement_at
    _add(crate, _disclosure_id(source), "CreativeWork", **facts)


def _disclosure_id(source: Source) -> str:
    return f"#disclosure-{slug(source.force)}-{slug(source.reference)}"


def _licence_id(source: Source) -> str:
    if source.licence is None:
        return "#licence-unstated"
    return source.licence if source.licence.startswith("http") else f"#licence-{slug(source.licence)}"


def _holder_id(holder: str) -> str:
    return f"#holder-{slug(holder)}"


def _value(crate: ROCrate, identifier: str, name: str, value: str) -> ContextEntity:
    return _add(crate, identifier, "PropertyValue", name=name, value=value)


def _add(crate: ROCrate, identifier: str, kind: str, /, **facts: Any) -> ContextEntity:
    entity: ContextEntity = crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **facts}))
    return entity
