"""A withdrawal finds the bytes in archives and mails that lie in the inbox, and says what it could not look into."""

from __future__ import annotations

import json
import zipfile
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.publication.withdrawal import inbox_copies
from pipeline.publication.withdrawal.carrying_out import carry_out, plan
from pipeline.publication.withdrawal.inbox_copies import DEEPEST, InboxCopies, find_inbox_copies
from pipeline.store.digests import sha256_file
from tests.disclosures import Raw, records_table

RECORDS = b"Month,Platform\nJan-20,TikTok\nFeb-20,TikTok\n"
OTHER = b"Year,N\n2020,1\n"


def zipped(**members: bytes) -> bytes:
    """Return a zip archive; `a_csv` names the member a.csv."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return buffer.getvalue()


def mail(name: str, data: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Your request"
    message.set_content("Please find attached.")
    message.add_attachment(data, "application", "octet-stream", filename=name)
    return message.as_bytes()


def nested(depth: int) -> bytes:
    data = RECORDS
    for _ in range(depth):
        data = zipped(inner_zip=data) if data is not RECORDS else zipped(records_csv=data)
    return data


@pytest.fixture
def answered(raw: Raw) -> Raw:
    """Return a raw/ with an answer of one extract, which nothing was built of, and an inbox."""
    raw.add([records_table({"period": "Month", "platform": "Platform"})], {"records.csv": RECORDS}, reference="FOI-7")
    (raw.places.raw / "inbox").mkdir()
    return raw


def drop(raw: Raw, name: str, data: bytes) -> Path:
    path = raw.places.raw / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found(raw: Raw) -> InboxCopies:
    return find_inbox_copies(raw.places, {sha256_file(raw.places.raw / "dorset" / "foi-7" / "records.csv")})


@pytest.mark.parametrize(
    ("name", "data", "others"),
    [
        ("answer.zip", zipped(records_csv=RECORDS), ()),
        ("answer.zip", zipped(records_csv=RECORDS, letter_txt=b"Dear"), ("letter.txt",)),
        ("answer.ZIP", zipped(a_csv=OTHER, renamed_csv=RECORDS), ("a.csv",)),
        ("no-suffix", zipped(records_csv=RECORDS), ()),
        ("parcel/answer.zip", zipped(records_csv=RECORDS), ()),
        ("outer.zip", zipped(a_csv=OTHER, inner_zip=zipped(records_csv=RECORDS)), ("a.csv", "inner.zip")),
        (".letters/foi-7/reply.eml", mail("records.csv", RECORDS), ("part 2",)),
        ("reply.eml", mail("answer.zip", zipped(records_csv=RECORDS)), ("part 2", "answer.zip")),
        ("mails.zip", zipped(reply_eml=mail("records.csv", RECORDS)), ("reply.eml", "reply.eml > part 2")),
        ("deep.zip", nested(DEEPEST), ("inner.zip", "inner.zip > inner.zip", "inner.zip > inner.zip > inner.zip")),
    ],
)
def test_an_archive_or_mail_with_the_bytes_goes_and_what_else_is_in_it_is_named(
    answered: Raw, name: str, data: bytes, others: tuple[str, ...]
) -> None:
    path, kept = drop(answered, name, data), drop(answered, "other.zip", zipped(a_csv=OTHER))
    copies = found(answered)
    assert copies.files == (path,)
    assert [(held.path, held.others) for held in copies.archives] == [(path, others)]
    assert copies.unread == ()
    carry_out(answered.places, plan(answered.places, "FOI-7", "a name"))
    assert kept.exists() and not path.exists()


def test_the_file_itself_is_no_archive(answered: Raw) -> None:
    path = drop(answered, "records.csv", RECORDS)
    assert found(answered) == InboxCopies((path,), (), ())


def damaged() -> bytes:
    data = bytearray(zipped(a_csv=RECORDS * 99))
    data[40:60] = bytes(20)
    return bytes(data)


def under_a_password() -> bytes:
    data = bytearray(zipped(a_csv=OTHER))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    "data", [damaged(), under_a_password(), nested(DEEPEST + 1)], ids=["damaged", "locked", "deep"]
)
def test_what_cannot_be_looked_into_stays_and_is_named(answered: Raw, data: bytes) -> None:
    path, holding = drop(answered, "a.zip", data), drop(answered, "b.zip", zipped(records_csv=RECORDS))
    copies = found(answered)
    assert copies.unread == (path,) and copies.files == (holding,)


def test_no_more_is_unpacked_than_reception_takes_apart(answered: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(answered, "large.zip", zipped(a_csv=OTHER * 1000, records_csv=RECORDS))
    assert found(answered).files == (path,)
    monkeypatch.setattr(inbox_copies, "MOST_BYTES", len(OTHER) * 1000)
    assert found(answered) == InboxCopies((), (), (path,))
    monkeypatch.setattr(inbox_copies, "MOST_BYTES", path.stat().st_size - 1)
    assert found(answered) == InboxCopies((), (), (path,))


def test_what_was_noted_of_the_archive_goes_with_it(answered: Raw) -> None:
    path = drop(answered, "answer.zip", zipped(records_csv=RECORDS))
    noted = answered.places.warehouse / "inbox"
    noted.mkdir(parents=True)
    (noted / "answer.json").write_text(json.dumps({"files": {"answer.zip": sha256_file(path)}}), "utf-8")
    (noted / "other.json").write_text("{}", "utf-8")
    carry_out(answered.places, plan(answered.places, "FOI-7", "a name"))
    assert [p.name for p in noted.iterdir()] == ["other.json"]


def test_the_verb_names_what_goes_with_it_and_what_it_cannot_look_into(answered: Raw) -> None:
    path = drop(answered, "answer.zip", zipped(records_csv=RECORDS, letter_txt=b"Dear"))
    drop(answered, "locked.zip", under_a_password())
    places = ["--raw", str(answered.places.raw), "--warehouse", str(answered.places.warehouse)]
    arguments = ["withdraw", "FOI-7", "--reason", "a name", *places]
    told = CliRunner().invoke(main, [*arguments, "--dry-run", "--json"])
    assert told.exit_code == 0 and path.exists()
    report = json.loads(told.stdout)
    assert report["removed_archives"] == [{"file": "raw/inbox/answer.zip", "others": ["letter.txt"]}]
    assert report["not_looked_into"] == ["raw/inbox/locked.zip"]
    shown = " ".join(CliRunner().invoke(main, [*arguments, "--yes"]).stdout.split())
    assert "raw/inbox/answer.zip goes with all that is in it; also: letter.txt" in shown
    assert "cannot be looked into; see whether what is withdrawn is in there: raw/inbox/locked.zip" in shown
    assert not path.exists()
