import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation import mentions
from pipeline.normalisation.canonical import canonical
from pipeline.normalisation.labels import read_table
from pipeline.normalisation.mentions import mention_rows, read_mentions
from pipeline.normalisation.platforms import platform_labels, platforms, read_platform
from pipeline.store.reference import ReferenceTableError

ORDINARY = ("X", "Her", "Signal", "Yellow", "Date", "Snap", "Steam", "Discord", "Telegram", "Match", "Text", "Other")
ORDINARY += ("Threads", "Tinder", "Hinge", "Bumble", "Whisper", "Twitch", "Messenger", "Meta", "Zoom", "Linked In")
ORDINARY += ("Plenty of Fish", "Call of Duty", "House Party", "Second Life", "Meet Me", "Be Real", "FB", "WA", "IG")
GENERIC = ("social media", "online gaming", "dating app", "the internet", "email", "Other platforms", "SMS")
COUNTING = [row.label for row in mention_rows() if row.counts]


def said(text: str) -> list[tuple[str, str]]:
    return [(m.code, m.text) for m in read_mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Suspect met victim on TikTok.", [("tiktok", "TikTok")]),
        ("SUSPECT MET VICTIM ON TIK TOK", [("tiktok", "TIK TOK")]),
        (
            "tik-tok, tik\u2011tok; tik \u2013 tok",
            [("tiktok", "tik-tok"), ("tiktok", "tik\u2011tok"), ("tiktok", "tik \u2013 tok")],
        ),
        ("on Insta then snap\u00a0chat", [("instagram", "Insta"), ("snapchat", "snap\u00a0chat")]),
        (
            "TikTok's and 'Snapchat' (WhatsApp)",
            [("tiktok", "TikTok"), ("snapchat", "Snapchat"), ("whatsapp", "WhatsApp")],
        ),
        ("Facebook Messenger", [("facebook-messenger", "Facebook Messenger")]),
        ("Facebook, Messenger", [("facebook", "Facebook")]),
        ("Facebook and Facebook Messenger", [("facebook", "Facebook"), ("facebook-messenger", "Facebook Messenger")]),
        ("Instagram Threads", [("threads", "Instagram Threads")]),
        ("Twitter/X or X (formerly Twitter)", [("twitter-x", "Twitter/X"), ("twitter-x", "X (formerly Twitter)")]),
        ("Twitter / X", [("twitter-x", "Twitter / X")]),
        ("X ( Twitter ) , Google+ , on", [("twitter-x", "X ( Twitter )"), ("google-plus", "Google+")]),
        ("kissed her. Twitter", [("twitter-x", "Twitter")]),
        ("Match.com but not match com or match. com", [("match-com", "Match.com")]),
        ("www.facebook.com/joe", [("facebook", "facebook.com")]),
        ("does not use TikTok", [("tiktok", "TikTok")]),
        ("TikTok TikTok", [("tiktok", "TikTok"), ("tiktok", "TikTok")]),
        ("\\x96TikTok\\x96", [("tiktok", "TikTok")]),
        ("Poke\u0301mon Go", [("pokemon-go", "Poke\u0301mon Go")]),
        ("stra\u00dfe, Whats\u200bApp", [("whatsapp", "Whats\u200bApp")]),
        ("the Signal app, a Discord server", [("signal", "Signal app"), ("discord", "Discord server")]),
        ("BBM, not bbm, BBm or bBM", [("blackberry-messenger", "BBM")]),
        ("will kik, kIK his head in; on Kik, KIK", [("kik", "Kik"), ("kik", "KIK")]),
        ("What\u2019s App", [("whatsapp", "What\u2019s App")]),
        ("Yubo (formerly Yellow)", [("yubo", "Yubo (formerly Yellow)")]),
    ],
)
def test_names_in_prose_with_their_spans(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(text) == expected
    for mention in read_mentions(text):
        assert text[mention.start : mention.end] == mention.text
        assert mention.name == platforms()[mention.code].name
        assert mention.source in {row.source for row in platform_labels().rows}


@pytest.mark.parametrize("word", [*ORDINARY, *GENERIC])
@pytest.mark.parametrize("sentence", ["{}", "He saw {} there.", "told {}, then {}"])
def test_ordinary_english_and_classes_of_platforms_never_count(word: str, sentence: str) -> None:
    for written in (word, word.lower(), word.upper()):
        assert read_mentions(sentence.replace("{}", written)) == ()


@pytest.mark.parametrize(
    "text",
    [
        *("TikToker", "notTikTok", "TikTok2", "facebook_page", "joe@facebook.com", "@snapchat", "snapchat@mail"),
        *("xTik Tok", "", " ", "tik, tok", "tik. tok", "Tik    Tok", "joe.tiktok@mail.com"),
    ],
)
def test_parts_of_words_addresses_and_handles_never_count(text: str) -> None:
    assert read_mentions(text) == ()


@pytest.mark.parametrize("label", COUNTING)
def test_every_label_that_counts_is_found_whole_and_means_what_it_means_in_a_column(label: str) -> None:
    (found,) = read_mentions(f"Via {label} he")
    assert (found.text, (found.code,)) == (label, read_platform(label).codes)


def test_every_label_that_does_not_count_says_why_and_is_silent_alone() -> None:
    for row in mention_rows():
        assert row.reason and row.source
        if not row.counts:
            assert read_mentions(row.label) == (), row
            assert read_platform(row.label).status == "mapped", row


def test_every_label_of_one_platform_was_decided_on() -> None:
    decided = {canonical(row.label) for row in mention_rows()}
    for row in platform_labels().rows:
        if row.decided == "project, 2026-11-22" and row.code in platforms() and platforms()[row.code].kind != "generic":
            assert canonical(row.label).strip('",') in decided, row


HEAD = ["label", "counts", "case", "reason", "source", "decided"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["TikTok", "maybe", "any", "r", "s", "d"], "'TikTok' needs counts"),
        (["TikTok", "yes", "lower", "r", "s", "d"], "'TikTok' needs counts"),
        (["TikTok", "yes", "any", "", "s", "d"], "'TikTok' needs counts"),
        (["TikTok", "yes", "any", "r", "s", ""], "'TikTok' needs counts"),
        (["tik  tok", "no", "any", "r", "s", "d"], "tik tok stands there twice"),
        (["Foo", "yes", "any", "r", "s", "d"], "'Foo' is not the label of one platform"),
        (["social media", "yes", "any", "r", "s", "d"], "'social media' is not the label of one platform"),
        (["Facebook/Facebook Messenger", "no", "any", "r", "s", "d"], "is not the label of one platform"),
    ],
)
def test_a_row_that_is_not_whole_is_refused(row: list[str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [dict(zip(HEAD, fields, strict=True)) for fields in (["Tik Tok", "yes", "any", "r", "s", "d"], row)]
    monkeypatch.setattr(
        mentions, "read_table", lambda name: rows if name == "platform_mentions.csv" else read_table(name)
    )
    mentions.mention_rows.cache_clear()
    mentions._names.cache_clear()
    try:
        with pytest.raises(ReferenceTableError, match=message):
            read_mentions("TikTok")
    finally:
        monkeypatch.undo()
        mentions.mention_rows.cache_clear()
        mentions._names.cache_clear()


@given(
    st.lists(st.sampled_from([*COUNTING, *ORDINARY, "he", "said.", ",", "\u00a0", "\u2013", "joe@x.com"]), max_size=12)
)
def test_spans_are_in_order_apart_and_hold_what_stands_there(parts: list[str]) -> None:
    text = " ".join(parts)
    end = 0
    for mention in read_mentions(text):
        assert end <= mention.start < mention.end
        assert text[mention.start : mention.end] == mention.text
        assert [m.code for m in read_mentions(mention.text)] == [mention.code]
        end = mention.end


@given(st.text(max_size=60))
def test_no_text_crashes(text: str) -> None:
    for mention in read_mentions(text):
        assert text[mention.start : mention.end] == mention.text
