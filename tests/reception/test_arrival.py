"""What arrives: files, zip archives and mails, taken apart safely and kept as they came."""

from __future__ import annotations

import base64
import hashlib
import stat
import zipfile
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.intake.problem import Refused
from pipeline.reception.archive import MOST_MEMBERS
from pipeline.reception.arrival import Arrived, keep, unpack

RECORDS = b"Offence,Month,Status\r\n" + b"".join(b"Theft,2024-%02d,Charged\r\n" % (n % 12 + 1) for n in range(90))


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def arrived(name: str, data: bytes) -> Arrived:
    return Arrived(name, data, hashlib.sha256(data).hexdigest(), name)


def refusal(*files: Path) -> str:
    with pytest.raises(Refused) as caught:
        unpack(files)
    return str(caught.value)


def mail(body: str = "Dear requester\n", subtype: str = "plain") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Your request"
    message.set_content(body, subtype=subtype)
    return message


def attach(message: EmailMessage, name: str, data: bytes) -> None:
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)


def test_plain_files_come_as_they_are_under_a_slug(tmp_path: Path) -> None:
    data = b"Month,Crimes\r\nJan 2024,\xa33\r\n"
    one, two = unpack([file(tmp_path, "FOI 24 (final).CSV", data), file(tmp_path, "notes", b"x")])
    assert (one.name, one.data, one.from_) == ("foi-24-final.csv", data, "FOI 24 (final).CSV")
    assert one.sha256 == hashlib.sha256(data).hexdigest()
    assert two.name == "notes"


def test_a_zip_gives_its_members_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    book = zipped(("[Content_Types].xml", b"<x/>"))
    path = file(
        tmp_path,
        "answer.zip",
        zipped(
            ("data/", b""),
            ("data/Crimes 2024.csv", b"a,b\n1,2\n"),
            ("data/Table.xlsx", book),
            ("__MACOSX/data/._Crimes 2024.csv", b"x"),
            ("data/.DS_Store", b"x"),
        ),
    )
    said: list[str] = []
    files = unpack([path], said.append)
    assert [(f.name, f.data) for f in files] == [("crimes-2024.csv", b"a,b\n1,2\n"), ("table.xlsx", book)]
    assert files[0].from_ == "answer.zip > data/Crimes 2024.csv"
    assert len(said) == 2 and "._Crimes 2024.csv left out (__MACOSX" in said[0] and ".DS_Store" in said[1]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("../../evil.csv", "which leads out of the archive"),
        ("a/../../evil.csv", "which leads out of the archive"),
        ("..\\evil.csv", "which leads out of the archive"),
        ("/etc/evil.csv", "the absolute name"),
        ("\\\\host\\evil.csv", "the absolute name"),
        ("C:\\evil.csv", "the absolute name"),
        ("a/inner.zip", "a zip archive in a zip archive"),
        ("disclosure.yaml", "the name of a manifest"),
        ("???.csv", "the name '???.csv'"),
    ],
)
def test_a_member_with_an_unsafe_name_refuses_the_archive(tmp_path: Path, name: str, found: str) -> None:
    assert found in refusal(file(tmp_path, "a.zip", zipped(("good.csv", b"a\n"), (name, b"x"))))


def test_a_member_without_a_name_refuses_the_archive(tmp_path: Path) -> None:
    data = zipped(("a.csv", b"x")).replace(b"a.csv", b"\0.csv")
    assert "a member without a name" in refusal(file(tmp_path, "a.zip", data))


@pytest.mark.parametrize(("kind", "found"), [(stat.S_IFLNK, "the link 'a.csv'"), (stat.S_IFIFO, "a device")])
def test_a_member_that_is_no_plain_file_refuses_the_archive(tmp_path: Path, kind: int, found: str) -> None:
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (kind | 0o777) << 16
    assert found in refusal(file(tmp_path, "a.zip", zipped((info, b"/etc/passwd"))))


def test_a_zip_under_another_name_is_found_by_its_bytes(tmp_path: Path) -> None:
    assert "a zip archive in a zip archive" in refusal(
        file(tmp_path, "a.zip", zipped(("data.csv", zipped(("b.csv", b"x")))))
    )


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert "a zip bomb" in refusal(file(tmp_path, "a.zip", zipped(("a.csv", b"0" * 5_000_000))))


def test_a_zip_that_says_it_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.csv", b"x")))
    # the size of the member as the directory at the end of the archive says it
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (600_000_000).to_bytes(4, "little")
    assert "600,000,000 bytes unpacked" in refusal(file(tmp_path, "a.zip", bytes(data)))


def test_a_zip_that_says_a_member_is_smaller_than_it_is_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.csv", b"0123456789" * 10)))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (5).to_bytes(4, "little")
    assert "a damaged zip archive" in refusal(file(tmp_path, "a.zip", bytes(data)))


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    names = [(f"{n}.csv", b"x") for n in range(MOST_MEMBERS + 1)]
    assert f"{MOST_MEMBERS + 1} members" in refusal(file(tmp_path, "a.zip", zipped(*names)))
    assert len(unpack([file(tmp_path, "b.zip", zipped(*names[1:]))])) == MOST_MEMBERS


@given(st.binary(max_size=300), st.integers(0, 299), st.binary(min_size=1, max_size=4))
@example(content=b"\x00", at=195, damage=b"\x00")
def test_a_damaged_zip_is_refused_or_gives_its_bytes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, at: int, damage: bytes
) -> None:
    data = bytearray(zipped(("a.csv", content)))
    data[at % len(data) : at % len(data) + len(damage)] = damage
    path = file(tmp_path_factory.mktemp("zip"), "a.zip", bytes(data))
    try:
        files = unpack([path])
    except Refused:
        return
    assert all(f.data == content for f in files)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    inside = file(tmp_path, "a.zip", zipped(("q1/Data.csv", b"1"), ("q2/data.CSV", b"2")))
    assert "data.csv, which is also the name of a.zip > q1/Data.csv" in refusal(inside)
    assert "also the name of" in refusal(file(tmp_path, "A B.csv", b"1"), file(tmp_path, "a-b.csv", b"2"))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(file(tmp_path, "a.csv", b"x"))
    assert "no file" in refusal(tmp_path / "none.csv")
    assert "a folder" in refusal(tmp_path)
    assert "a link" in refusal(link)


def test_a_mail_gives_its_text_as_the_letter_and_both_attachments(tmp_path: Path) -> None:
    message = mail("Dear requester\nNo £ was spent.\n")
    attach(message, "Table 1.csv", b"a;b\r\n1;\x93\r\n")
    attach(message, "rest.zip", zipped(("Table 2.csv", b"x\n")))
    path = file(tmp_path, "answer.eml", message.as_bytes())
    letter, one, two = unpack([path])
    assert (letter.name, letter.data.decode()) == ("letter.txt", "Dear requester\nNo £ was spent.\n")
    assert (one.name, one.data, one.from_) == ("table-1.csv", b"a;b\r\n1;\x93\r\n", "answer.eml > Table 1.csv")
    assert (two.name, two.from_) == ("table-2.csv", "answer.eml > rest.zip > Table 2.csv")
    assert [f.name for f in unpack([path], letter_given=True)] == ["table-1.csv", "table-2.csv"]


def test_a_mail_in_another_encoding_becomes_utf_8_and_one_in_html_stays_html(tmp_path: Path) -> None:
    message = EmailMessage()
    message.set_content("£5\n", charset="iso-8859-1")
    (letter,) = unpack([file(tmp_path, "a.eml", message.as_bytes())])
    assert letter.data == "£5\n".encode()
    (page,) = unpack([file(tmp_path, "b.eml", mail("<p>Dear</p>\n", "html").as_bytes())])
    assert page.name == "letter.html"


def test_a_picture_in_the_text_of_a_mail_is_left_out_and_an_attached_mail_refused(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png", disposition="inline")
    said: list[str] = []
    assert [f.name for f in unpack([file(tmp_path, "a.eml", message.as_bytes())], said.append)] == ["letter.txt"]
    assert said == ["a.eml: logo.png left out (a picture inside the text)"]
    message.add_attachment(mail())
    assert "a mail attached to a mail" in refusal(file(tmp_path, "b.eml", message.as_bytes()))


def test_an_attachment_that_is_damaged_is_refused(tmp_path: Path) -> None:
    message = mail()
    attach(message, "a.csv", b"a,b\n" * 20)
    data = message.as_bytes().replace(b"YSxiC", b"YSxiC=!", 1)
    assert "a damaged attachment" in refusal(file(tmp_path, "a.eml", data))


def cut_at_a_line_of_base64(message: EmailMessage) -> bytes:
    """Return the first half of a mail, cut where a line of base64 ends, so that what is left can be decoded."""
    text = message.as_bytes()
    half = text[: text.index(base64.b64encode(RECORDS)[:40]) + 77 * 20]
    assert half.endswith(b"\n") and len(half) < len(text)
    return half


def test_a_mail_that_is_cut_short_is_refused_and_says_so(tmp_path: Path) -> None:
    message = mail()
    attach(message, "a.csv", RECORDS)
    found = refusal(file(tmp_path, "a.eml", cut_at_a_line_of_base64(message)))
    assert "a mail that was cut short or damaged" in found and "ask for the mail again" in found
    assert len(unpack([file(tmp_path, "whole.eml", message.as_bytes())])) == 2


def test_a_part_of_a_mail_that_is_cut_short_inside_a_whole_mail_is_refused(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner.make_mixed(boundary="inner")
    attach(inner, "a.csv", RECORDS)
    message = mail()
    message.make_mixed()
    message.attach(inner)
    attach(message, "b.csv", b"x,y\n")
    inner_end = b"--inner--"
    assert inner_end in message.as_bytes()
    found = refusal(file(tmp_path, "a.eml", message.as_bytes().replace(inner_end, b"")))
    assert "a mail that was cut short or damaged" in found


@given(st.integers(0, 4_000))
def test_a_mail_that_is_cut_is_refused_or_gives_whole_files(tmp_path_factory: pytest.TempPathFactory, at: int) -> None:
    message = mail()
    message.make_mixed(boundary="cut-here")
    attach(message, "a.csv", RECORDS)
    cut = message.as_bytes()[:at]
    try:
        files = unpack([file(tmp_path_factory.mktemp("mail"), "a.eml", cut)])
    except Refused:
        return
    assert all(one.data == RECORDS for one in files if one.name == "a.csv")


def test_a_part_that_is_written_in_an_unknown_way_is_refused(tmp_path: Path) -> None:
    message = mail()
    attach(message, "a.csv", b"a,b\n" * 20)
    data = message.as_bytes().replace(b"Encoding: base64", b"Encoding: yenc", 1)
    assert "a.csv: found a part in the encoding 'yenc'" in refusal(file(tmp_path, "a.eml", data))


def nameless(content: bytes, kind: str, disposition: str | None) -> EmailMessage:
    part = EmailMessage()
    part.set_content(content, *kind.split("/"), disposition=disposition)
    return part


@pytest.mark.parametrize(
    ("kind", "disposition", "name"),
    [
        ("text/csv", "inline", "part-2.csv"),
        ("text/csv", None, "part-2.csv"),
        ("application/octet-stream", None, "part-2"),
        ("application/octet-stream", "attachment", "part-2"),
        ("text/plain", None, "part-2.txt"),
        ("text/html", None, "part-2.html"),
    ],
)
def test_a_part_of_a_mail_without_a_name_is_kept_and_said(
    tmp_path: Path, kind: str, disposition: str | None, name: str
) -> None:
    message = mail()
    message.make_mixed()
    message.attach(nameless(b"Offence,Count\nTheft,3\n", kind, disposition))
    said: list[str] = []
    letter, part = unpack([file(tmp_path, "a.eml", message.as_bytes())], said.append)
    assert (letter.name, part.name, part.data) == ("letter.txt", name, b"Offence,Count\nTheft,3\n")
    assert said == [f"a.eml: part 2 ({kind}) has no name, and is kept as {name}"]


def test_a_zip_without_a_name_is_unpacked(tmp_path: Path) -> None:
    message = mail()
    message.make_mixed()
    message.attach(nameless(zipped(("a.csv", b"x\n")), "application/zip", None))
    assert [one.name for one in unpack([file(tmp_path, "a.eml", message.as_bytes())])] == ["letter.txt", "a.csv"]


def test_the_text_of_a_mail_again_as_html_is_left_out_and_said(tmp_path: Path) -> None:
    message = mail()
    message.add_alternative("<p>Dear requester</p>", subtype="html")
    attach(message, "a.csv", b"x\n")
    said: list[str] = []
    files = unpack([file(tmp_path, "a.eml", message.as_bytes())], said.append)
    assert [one.name for one in files] == ["letter.txt", "a.csv"]
    assert said == ["a.eml: part 2 left out (the text of the mail again, as HTML)"]


def test_a_plain_text_that_says_nothing_leaves_the_html_as_the_letter(tmp_path: Path) -> None:
    message = mail("\n")
    message.add_alternative("<p>Dear requester</p>", subtype="html")
    (letter,) = unpack([file(tmp_path, "a.eml", message.as_bytes())])
    assert letter.name == "letter.html"


def test_a_named_text_shown_in_a_mail_is_a_file_and_not_the_letter(tmp_path: Path) -> None:
    message = mail("<p>Dear</p>", "html")
    message.add_attachment(b"a,b\n1,2\n", "text", "plain", filename="data.txt", disposition="inline")
    assert [one.name for one in unpack([file(tmp_path, "a.eml", message.as_bytes())])] == ["letter.html", "data.txt"]


def test_a_text_of_a_mail_beside_another_letter_is_said_to_be_left_out(tmp_path: Path) -> None:
    message = mail()
    assert "a mail that has no file in it" in _refused_beside_a_letter(file(tmp_path, "a.eml", message.as_bytes()))
    attach(message, "a.csv", b"x\n")
    said: list[str] = []
    unpack([file(tmp_path, "b.eml", message.as_bytes())], said.append, letter_given=True)
    assert said == ["b.eml: the text of the mail left out (the letter is another file)"]


def _refused_beside_a_letter(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        unpack([path], letter_given=True)
    return str(caught.value)


def test_an_archive_and_a_mail_with_nothing_in_them_are_refused(tmp_path: Path) -> None:
    assert "a zip archive with no file in it" in refusal(file(tmp_path, "empty.zip", zipped()))
    only = zipped(("data/", b""), ("__MACOSX/._a.csv", b"x"))
    assert "a zip archive with no file in it" in refusal(file(tmp_path, "rubbish.zip", only))
    assert "a mail with nothing in it" in refusal(file(tmp_path, "empty.eml", b""))
    assert "a mail with nothing in it" in refusal(file(tmp_path, "head.eml", b"Subject: Your request\n\n"))


def test_keep_writes_and_never_overwrites(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "dorset" / "test-1"
    assert keep([arrived("a.csv", b"1\n")], folder).written == ("a.csv",)
    again = keep([arrived("a.csv", b"1\n"), arrived("b.csv", b"2\n")], folder)
    assert (again.written, again.already) == (("b.csv",), ("a.csv",))
    with pytest.raises(Refused, match="declare corrects/supersedes"):
        keep([arrived("c.csv", b"3\n"), arrived("a.csv", b"other\n")], folder)
    assert sorted(p.name for p in folder.iterdir()) == ["a.csv", "b.csv"]
    assert (folder / "a.csv").read_bytes() == b"1\n"


def test_keep_follows_no_link_and_takes_no_name_that_leads_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "dorset" / "test-1"
    folder.mkdir(parents=True)
    (folder / "a.csv").symlink_to(tmp_path / "elsewhere.csv")
    for name in ("a.csv", "../b.csv", "disclosure.yaml"):
        with pytest.raises(Refused):
            keep([arrived(name, b"1\n")], folder)
    assert not (tmp_path / "elsewhere.csv").exists()
