"""Personal data of each kind, made up in the forms in which it is written."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

DIGIT = st.sampled_from("0123456789")


def digits(n: int) -> st.SearchStrategy[str]:
    return st.text(DIGIT, min_size=n, max_size=n)


@st.composite
def phones(draw: st.DrawFn) -> str:
    code = draw(st.sampled_from(["020", "029", "0115", "0161", "01332", "01629", "07700", "07911", "0330", "0845"]))
    rest = draw(digits(11 - len(code)))
    if code == "020":
        rest = draw(st.sampled_from("3478")) + rest[1:]
    national = (code + rest)[1:]
    mark = draw(st.sampled_from([" ", "-", ".", "\u00a0"]))
    middle = len(rest) // 2
    grouped = f"{code}{mark}{rest[:middle]}{mark}{rest[middle:]}"
    written = [
        grouped,
        f"{code}{mark}{rest}",
        f"({code}) {rest[:middle]} {rest[middle:]}",
        f"({code}){rest}",
        f"+44{national}",
        f"+44 {national}",
        f"+44 (0){national}",
        f"+44(0) {grouped[1:]}",
        f"+44 {grouped[1:]}",
        f"0044 {grouped[1:]}",
        f"0044{national}",
    ]
    written.append(code + rest)
    if code.startswith("07"):
        written += [f"44{national}", f"44 {grouped[1:]}"]
    return draw(st.sampled_from(written))


@st.composite
def ni_numbers(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from("ABCEGHJKLMNOPRSTWXYZ")) + draw(st.sampled_from("ABCEGHJKLMNPRSTWXYZ"))
    assume(prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
    pairs = [draw(digits(2)) for _ in range(3)]
    suffix = draw(st.sampled_from("ABCD"))
    mark = draw(st.sampled_from(["", " ", "-"]))
    number = mark.join([prefix, *pairs, suffix])
    return draw(st.sampled_from([number, number.lower(), f"{prefix} {''.join(pairs)} {suffix}"]))


@st.composite
def postcodes(draw: st.DrawFn) -> str:
    outward = draw(
        st.sampled_from(
            [
                "M1",
                "B33",
                "S10",
                "G2",
                "CR2",
                "DE1",
                "DN55",
                "NG16",
                "W1A",
                "N1C",
                "EC1A",
                "SW1A",
                "WC2H",
                "BT12",
                "ZE3",
            ]
        )
    )
    letters = st.sampled_from("ABDEFGHJLNPQRSTUWXYZ")
    inward = draw(DIGIT) + draw(letters) + draw(letters)
    spaced = f"{outward}{draw(st.sampled_from([' ', '  ', chr(0xA0)]))}{inward}"
    return draw(st.sampled_from([spaced, outward + inward]))


@st.composite
def emails(draw: st.DrawFn) -> str:
    address = draw(st.emails())
    # these are legal in quotes and end an address everywhere else
    assume(not set(address) & set(',;:<>"()[]'))
    return address


@st.composite
def cards(draw: st.DrawFn) -> str:
    body = draw(st.sampled_from(["4", "51", "55", "62"]))
    body += draw(digits(15 - len(body)))
    total = sum(sum(map(int, str(int(digit) * (2 if place % 2 == 0 else 1)))) for place, digit in enumerate(body))
    number = body + str(-total % 10)
    mark = draw(st.sampled_from(["", " ", "-"]))
    return mark.join(number[i : i + 4] for i in range(0, 16, 4))


@st.composite
def nhs_numbers(draw: st.DrawFn) -> str:
    body = draw(digits(9))
    check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
    assume(check != 10)
    number = body + str(check)
    return draw(st.sampled_from([number, f"{number[:3]} {number[3:6]} {number[6:]}"]))


@st.composite
def titled(draw: st.DrawFn) -> str:
    surname = draw(
        st.sampled_from(["Smith", "Patel", "O'Brien", "McDonald", "Jones-Williams", "SMITH", "de Souza", "Nowak"])
    )
    return draw(
        st.sampled_from(
            [
                f"Mr {surname}", f"Mr. {surname}", f"Mrs A {surname}", f"Ms A. B. {surname}", f"Miss {surname}",
                f"Dr {surname}", f"PC 1234 {surname}", f"DC {surname}", f"PCSO 7123 {surname}", f"Sgt {surname}",
                f"DS 99 {surname}", f"Det Con {surname}", f"mr {surname.lower()}", f"MRS {surname.upper()}",
            ]
        )
    )  # fmt: skip


def full_dates() -> st.SearchStrategy[str]:
    forms = ["%d/%m/%Y", "%d-%m-%y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%d-%b-%y", "%B %d, %Y"]
    return st.tuples(st.dates(), st.sampled_from(forms)).map(
        lambda pair: (
            pair[0].replace(year=1930 + pair[0].year % 90).strftime(pair[1])
            if (pair[0].month, pair[0].day) != (2, 29)
            else "28 February 1990"
        )
    )


SEEDS = {
    "email": emails(),
    "phone": phones(),
    "ni_number": ni_numbers(),
    "postcode": postcodes(),
    "card": cards(),
    "nhs_number": nhs_numbers().map("NHS no. {}".format),
    "name": titled(),
    "date_of_birth": st.one_of(
        full_dates().map("DOB {}".format), full_dates().map("born on {}".format), full_dates().map("{} (d.o.b.)".format)
    ),
    "ip_address": st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str),
    "account": st.sampled_from(
        [
            "https://tiktok.com/@someone", "https://www.tiktok.com/@some.one/video/72?lang=en", "@someone_99",
            "https://www.facebook.com/some.one", "facebook.com/profile.php?id=10002", "https://x.com/someone",
            "instagram.com/some_one/", "http://www.snapchat.com/add/someone", "https://uk.linkedin.com/in/some-one",
            "https://youtube.com/channel/UC12345", "https://www.reddit.com/user/someone", "https://mastodon.social/@someone",
            "https://www.roblox.com/users/12345/profile", "https://onlyfans.com/someone",
        ]
    ),
}  # fmt: skip
PLACES = ["{}", " {} ", "sent to {} twice", "({})", "see: {}.", "{}, then no reply", "£20\n{}", "“{}”"]
