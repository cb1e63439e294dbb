import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation import platforms as platforms_module
from pipeline.normalisation.canonical import squeezed
from pipeline.normalisation.labels import LabelRow, LabelTable, read_table
from pipeline.normalisation.platforms import Platform, is_platform, platform_labels, platforms, read_platform
from pipeline.store.naming import slug
from tests.normalisation.collected import needs_data, rows

COLLECTED = rows("reference/labels_platforms.csv")
GENERIC = {
    "(generic) online gaming": "generic:online-gaming",
    "(generic) text message": "generic:text-message",
    "(generic) social media": "generic:social-media",
    "(generic) internet / online": "generic:internet",
    "(generic) dating app": "generic:dating-app",
}
DISPUTED = {
    "Other": ("generic:other",),
    "N/A": ("unknown",),
    "Facebook, Instagram": ("facebook", "instagram"),
}


def expected(row: dict[str, str]) -> tuple[str, ...]:
    name = row["canonical"]
    if row["raw_label"] in DISPUTED:
        return DISPUTED[row["raw_label"]]
    if name.startswith("Meta (group"):
        return ("group:meta",)
    if name.endswith("(combined)"):
        return ("facebook", "facebook-messenger")
    return (GENERIC.get(name) or slug(name),)


@needs_data
@pytest.mark.parametrize("row", COLLECTED, ids=lambda row: row["raw_label"])
def test_collected_labels(row: dict[str, str]) -> None:
    assert read_platform(row["raw_label"]).codes == expected(row)


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("Tik Tok", ("tiktok",)),
        ("TIK-TOK", ("tiktok",)),
        ("Musical.ly", ("tiktok",)),
        ("Snap Chat", ("snapchat",)),
        ("X", ("twitter-x",)),
        ("Twitter/X", ("twitter-x",)),
        ("X (formerly Twitter)", ("twitter-x",)),
        ("Yellow", ("yubo",)),
        ("Her", ("her",)),
        ("Signal", ("signal",)),
        ("IGTV", ("instagram",)),
        ("Messenger", ("facebook-messenger",)),
        ("Only Fans", ("onlyfans",)),
        ("Match.com", ("match-com",)),
        ("Other", ("generic:other",)),
        ("Facebook/Facebook Messenger", ("facebook", "facebook-messenger")),
        ("TikTok, Snapchat", ("tiktok", "snapchat")),
        ("Snapchat;TikTok", ("snapchat", "tiktok")),
        ("TikTok / Tik Tok / Snapchat", ("tiktok", "snapchat")),
        ("Facebook | WhatsApp", ("facebook", "whatsapp")),
        ("Facebook & Instagram", ("facebook", "instagram")),
        ("Facebook+Instagram", ("facebook", "instagram")),
        ("Facebook and Instagram", ("facebook", "instagram")),
        (
            "Facebook, Messenger, Instagram and WhatsApp",
            ("facebook", "facebook-messenger", "instagram", "whatsapp"),
        ),
        ("TikTok\nSnapchat\r\nX", ("tiktok", "snapchat", "twitter-x")),
        ("Instagram or Snapchat", ("instagram", "snapchat")),
        ("TikTok,", ("tiktok",)),
        ("4chan, 8chan; TikTok", ("4chan", "8chan", "tiktok")),
        ("TikTok, Unknown", ("tiktok",)),
        ("Facebook, Other", ("facebook", "generic:other")),
        ("Twitter/X, Match.com", ("twitter-x", "match-com")),
        ("Facebook/Facebook Messenger; X", ("facebook", "facebook-messenger", "twitter-x")),
        ("Snapchat, and TikTok", ("snapchat", "tiktok")),
        ("- TikTok\n- Snapchat", ("tiktok", "snapchat")),
        ("Google+", ("google-plus",)),
        ("Facebook, Messenger", ("facebook", "facebook-messenger")),
        ("Facebook;Messenger", ("facebook", "facebook-messenger")),
        ("Facebook Messenger", ("facebook-messenger",)),
        ("Face book\n", ("facebook",)),
        ("Facebook\nLive", ("facebook",)),
        ("Meta\nQuest", ("meta-quest",)),
    ],
)
def test_platforms_of_a_cell(label: str, codes: tuple[str, ...]) -> None:
    reading = read_platform(label)
    assert (reading.codes, reading.status) == (codes, "mapped")
    assert reading.names == tuple(platforms()[code].name for code in codes)


@pytest.mark.parametrize(
    "label",
    [
        "TikTok?",
        "TikTok*",
        "Tik",
        "TokTik",
        "TikTok and Foo",
        "Facebook\nMessenger",
        "TikTok, 5",
        "5 and TikTok",
        "not TikTok",
        "Facebook...",
        "5",
    ],
)
def test_what_is_not_known_whole_is_unmapped(label: str) -> None:
    reading = read_platform(label)
    assert (reading.codes, reading.status) == (("Unmapped",), "unmapped")


@pytest.mark.parametrize(
    "label", ["", "  ", "\u00a0", "N/A", "n/a", "None", "Not known", "NULL", "-", "#N/A", "Unknown, N/A"]
)
def test_nothing_said_is_unknown(label: str) -> None:
    reading = read_platform(label)
    assert (reading.codes, reading.status) == (("unknown",), "unknown")


SEVERAL = [
    ("Google+/Facebook", "google-plus facebook"),
    ("Google+ & YouTube", "google-plus youtube"),
    ("Google+ and Facebook", "google-plus facebook"),
    ("Google+, Facebook", "google-plus facebook"),
    ("Google+ + YouTube", "google-plus youtube"),
    ("YouTube+Google+", "youtube google-plus"),
    ("Google Plus & Facebook", "google-plus facebook"),
    ("G+/Facebook", "google-plus facebook"),
    ("Google + YouTube", "google youtube"),
    ("Facebook plus Instagram", "facebook instagram"),
    ("Facebook - Instagram", "facebook instagram"),
    ("Facebook \u2013 Instagram \u2014 WhatsApp", "facebook instagram whatsapp"),
    ("Instagram. Facebook.", "instagram facebook"),
    ("Facebook > Instagram", "facebook instagram"),
    ("Facebook\\Messenger", "facebook facebook-messenger"),
    ("\u2022 TikTok \u2022 Snapchat", "tiktok snapchat"),
    ("TikTok\u00b7Snapchat", "tiktok snapchat"),
    ("TikTok//Snapchat", "tiktok snapchat"),
    ("Facebook &amp; Instagram", "facebook instagram"),
    ("[Facebook, Instagram]", "facebook instagram"),
    ("['Facebook', 'Instagram']", "facebook instagram"),
    ("Facebook, & Instagram", "facebook instagram"),
    ("Facebook, Instagram - Kik; X", "facebook instagram kik twitter-x"),
    ("TikTok\rSnapchat", "tiktok snapchat"),
    ("TikTok\tSnapchat", "tiktok snapchat"),
    ("TikTok and/or Snapchat", "tiktok snapchat"),
    ("TikTok, and/or Snapchat", "tiktok snapchat"),
    ("TikTok, or Snapchat", "tiktok snapchat"),
    ("- Facebook - Instagram\n- Kik", "facebook instagram kik"),
    ("+ TikTok\n+ Snapchat", "tiktok snapchat"),
    ("* TikTok\n*  Snapchat", "tiktok snapchat"),
    ("TikTok\nAND Snapchat", "tiktok snapchat"),
    ("Facebook>Instagram", "facebook instagram"),
    ("Facebook _ Instagram", "facebook instagram"),
    ("Facebook _Instagram", "facebook instagram"),
    ("Facebook_ Instagram", "facebook instagram"),
    ("Facebook- Instagram", "facebook instagram"),
    (" [Facebook, Instagram] ", "facebook instagram"),
    ("[X]", "twitter-x"),
    ("[Facebook\nInstagram]", "facebook instagram"),
    ("Amazon - Snapchat", "amazon snapchat"),
    ("X - Twitter", "twitter-x"),
    ("Xbox - Fortnite", "xbox fortnite"),
    ("Tik - Tok", "tiktok"),
    ("Meta. Quest", "meta-quest"),
    ("Google - Meet", "google-meet"),
    ("GTA - Online", "grand-theft-auto"),
    ("Online - Dating site", "generic:dating-app"),
    ("X \u2013 formerly Twitter", "twitter-x"),
    ("Social media \u2013 Other", "generic:social-media"),
    ("Facebook-Messenger", "facebook-messenger"),
    ("Facebook_Messenger", "facebook-messenger"),
    ("Kik-Messenger", "kik"),
]


@pytest.mark.parametrize(("label", "codes"), SEVERAL, ids=[label for label, _ in SEVERAL])
def test_every_mark_between_platforms_is_read_and_none_within_a_name(label: str, codes: str) -> None:
    assert read_platform(label).codes == tuple(codes.split())


@pytest.mark.parametrize(
    "label",
    [
        # the end of a name, or a mark between two
        *(
            "Google+YouTube",
            "Google++YouTube",
            "Google+ YouTube",
            "Google +YouTube",
            "Google plus YouTube",
            "G+Facebook",
        ),
        # a name with a dash or a stop in it, or two
        *("WhatsApp - Messenger", "Instagram \u2013 Threads", "Facebook \u2013 Messenger", "Facebook. Messenger"),
        *(
            "Signal - Messenger",
            "Kik - Messenger",
            "Telegram - Messenger",
            "Facebook -Messenger",
            "Facebook _ Messenger",
        ),
        *("Facebook \u2013 Messenger, TikTok", "TikTok; Instagram \\x96 Threads"),
        # a heading or an owner with what is under it
        *("Social media - Facebook", "Dating app - Tinder", "Meta - Facebook", "Facebook > Social media"),
        *("Google - YouTube", "YouTube - Google", "Amazon - Twitch", "Facebook - Facebook Messenger"),
        *("Snapchat - Other", "Facebook - Unknown", "Facebook - Instagram - Messenger"),
        # a word that begins or ends with one that parts
        *("TikTokand/or Snapchat", "TikTok and/orSnapchat", "TikTokand Snapchat", "TikTok andSnapchat"),
        *("TikTokor Snapchat", "TikTok orSnapchat", "TikTokplus Snapchat", "TikTok plusSnapchat", "TikTok, orSnapchat"),
        *("YouTube+Google+Facebook", "Facebook\rMessenger", "Facebook\tMessenger", "Facebook\r\n\r\nMessenger"),
        # a name left out
        *(
            "Facebook [Instagram",
            "[Facebook [Instagram]",
            "[Facebook], [Instagram]",
            "[Facebook, [TBC]",
            "[Facebook, ]TBC]",
        ),
        *("TikTok and", "TikTok /", "TikTok &", "TikTok plus", "Facebook - - Instagram"),
        # no mark between platforms
        *("Facebook-Instagram", "Instagram.Facebook", "Facebook [Instagram]", "[Facebook][Instagram]", "Facebook: X"),
        *("Facebook Instagram", "Facebook not Instagram", "Facebook, not Instagram", "1. Facebook 2. Instagram"),
        # marks only
        *(
            "and",
            "&",
            "/",
            "or",
            "and/or",
            "+",
            ",",
            ";",
            "|",
            "\u2022",
            "\\",
            ">",
            "plus",
            "& and",
            ", and",
            "[]",
            "[and]",
        ),
    ],
)
def test_what_may_be_one_platform_or_two_or_none_is_unmapped(label: str) -> None:
    reading = read_platform(label)
    assert (reading.codes, reading.status) == (("Unmapped",), "unmapped")


def test_a_name_with_a_dash_says_why_it_is_unmapped() -> None:
    assert read_platform("Kik - Messenger").rule == "one name with a dash or full stop in it, or two"
    assert read_platform("Facebook\nMessenger").rule == "one name over two lines, or two"


def row(label: str, code: str) -> LabelRow:
    read = "".join(code)  # no constant: codes come from a file
    return LabelRow(label, read, f"letter of {label}", "somebody, 2026-11-22", "a note", {})


def test_a_name_over_two_lines_is_that_name_unless_its_lines_are_names_of_others() -> None:
    others = LabelTable([row("Foo Bar", "roblox"), row("Foo", "tiktok"), row("Bar", "snapchat")], loose=squeezed)
    reading = read_platform("Foo\nBar", others)
    assert (reading.codes, reading.rule) == (("Unmapped",), "one name over two lines, or two")
    assert read_platform("Foo Bar\n", others).codes == ("roblox",)
    same = LabelTable([row("Foo Bar", "roblox"), row("Foo", "roblox"), row("Bar", "roblox")], loose=squeezed)
    assert read_platform("Foo\nBar", same).codes == ("roblox",)
    half = LabelTable([row("Foo Bar", "roblox"), row("Foo", "tiktok")], loose=squeezed)
    assert read_platform("Foo\nBar", half).codes == ("roblox",)


def test_a_label_argued_unmapped_is_that_alone_and_in_a_list() -> None:
    table = LabelTable([row("Foo", "Unmapped"), row("TikTok", "tiktok")], loose=squeezed)
    alone = read_platform("Foo", table)
    assert (alone.codes, alone.names, alone.status) == (("Unmapped",), ("Unmapped",), "unmapped")
    assert (alone.rule, alone.source) == ("reference row: argued Unmapped", "letter of Foo")
    for cell in ("TikTok, Foo", "Foo; TikTok"):
        reading = read_platform(cell, table)
        assert (reading.codes, reading.status, reading.rule) == (("Unmapped",), "unmapped", "no reference row")


def test_a_reading_says_what_decided_and_where_each_label_was_seen() -> None:
    table = LabelTable([row("TikTok", "tiktok"), row("Foo", "roblox")], loose=squeezed)
    listed = read_platform("TikTok; Foo; TikTok", table)
    assert (listed.rule, listed.source) == ("structure: list of platforms", "letter of TikTok; letter of Foo")
    assert read_platform("TikTok", table).rule == "reference row"
    assert read_platform("", table).rule == "blank"
    assert read_platform("N/A; unknown", table).rule == "structure: list of unknowns"
    assert read_platform("N/A; unknown", table).names == ("unknown",)


@pytest.mark.parametrize("owned", ["Ape", "Zebra"])
def test_an_owner_is_not_parted_by_a_dash_from_what_it_owns(owned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        Platform("lion", "Lion", "platform", "Lion", ""),
        Platform("owned", owned, "platform", "Lion", ""),
        Platform("other", "Other", "platform", "Somebody", ""),
    ]
    monkeypatch.setattr(platforms_module, "platforms", lambda: {platform.code: platform for platform in listed})
    table = LabelTable([row(platform.name, platform.code) for platform in listed], loose=squeezed)
    assert read_platform(f"Lion - {owned}", table).codes == ("Unmapped",)
    assert read_platform("Lion - Other", table).codes == ("lion", "other")
    assert read_platform(f"{owned} - Other", table).codes == ("owned", "other")


def test_a_row_names_codes_of_the_table_only() -> None:
    assert is_platform("tiktok") and is_platform("facebook|facebook-messenger") and is_platform("|".join(platforms()))
    assert not is_platform("TikTok") and not is_platform("tiktok|foo") and not is_platform("")


def test_the_tables_are_read_once() -> None:
    assert platforms() is platforms() and platform_labels() is platform_labels()


def test_every_platform_is_read_by_its_own_name_and_its_code_is_a_slug() -> None:
    assert len(read_table("platforms.csv")) == len(platforms())
    for code, platform in platforms().items():
        if platform.kind in {"platform", "product"}:
            assert code == slug(platform.name)
            assert read_platform(platform.name).codes == (code,)
        assert platform.part_of == "" or platform.part_of in platforms()


@given(
    st.lists(
        st.sampled_from([r.label for r in platform_labels().rows if "|" not in r.code]),
        min_size=1,
        max_size=4,
    )
)
def test_a_list_is_what_its_parts_are_in_order_and_once(parts: list[str]) -> None:
    codes = [code for part in parts for code in read_platform(part).codes]
    assert read_platform(";".join(parts)).codes == tuple(dict.fromkeys(codes))


@given(st.text(max_size=40))
def test_no_text_crashes_and_some_code_is_always_given(text: str) -> None:
    reading = read_platform(text)
    assert reading.label == text and reading.codes and reading.status in {"mapped", "unmapped", "unknown"}
    assert set(reading.codes) <= {*platforms(), "Unmapped", "unknown"}
