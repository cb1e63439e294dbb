"""Names of persons, and the lists of words that tell them from other words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.intake.screen.finder import masked, words

# Sir, Lord and Lady are not here: streets, public houses and hospitals bear them. Constable and Sergeant in full
# stand in offences ("assault a constable in the execution of his duty"): they need a number or Detective before them.
CIVIL = "mr|mrs|ms|miss|mx|dr|prof|professor|rev|reverend|cllr|councillor"
_RANK = "w?pc|w?dc|ps|ds|di|dci|pcso|d?sgt|insp|d?supt|det(?:ective)?\\s(?:con(?:stable)?|sergeant|sgt|insp(?:ector)?)"
_TITLES = frozenset(CIVIL.split("|"))
_WORD = r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*"
_TITLED = re.compile(
    rf"""(?<![\w'’&-])(?P<title>{CIVIL}|{_RANK}|(?:constable|sergeant|officer)(?=\s\d))
    (?:\.\s{{0,2}}|\s{{1,3}})
    (?:(?P<number>\d{{2,6}})[A-Z]{{0,2}}\s{{1,2}})?
    (?P<initials>(?:[^\W\d_](?:\.\s{{0,2}}|\s{{1,2}})){{0,3}})
    (?:(?:de|da|di|du|la|le|van|von|der|den|el|al|bin|ap|st)\.?\s{{1,2}}){{0,3}}
    (?P<surname>{_WORD})""",
    re.IGNORECASE | re.VERBOSE,
)
# what follows a title or a rank and is no name: small words, programs and games, words of offences
_NO_SURNAME = words("""
    a an and are as at but by for from had has have he her his if in into is it its no not of off on or our out over she
    so that the their then they this to under unknown up was were when while who with without you beast bean men whippy
    kipling porter robot tumble teams office word excel windows outlook access paint paintings dos project publisher
    edge store use used uses using selling sold ing called placed led read understanding fit universe world selfridge
    martens pepper disrespect dre strange seuss gaming game games gamer plus vita network now remote lite comics comic
    online console computer components user users app apps device devices repair virus hardware software version mag
    tower monitor laptop screen tablet desktop assault assaulted execution duty
    injury number numbers total officer officers police staff only record records
    counter counters limiter recorded offence offences crime crimes exercise acting aware custody service
    arrested attended
""")


def titled_names(text: str) -> Iterator[str]:
    """Yield a mask for each surname behind a title or rank."""
    for match in _TITLED.finditer(text):
        surname, title = match["surname"], match["title"]
        if len(surname) < 2 or surname.lower() in _NO_SURNAME:
            continue
        capitals = surname[0].isupper() and title[0].isupper()
        # mr and mrs are titles in small letters too; ms, ps or di are other words then; `mr x said` names nobody
        small = title in {"mr", "mrs"} and not match["initials"]
        # `PS 4 stolen` is a console, three digits are an officer's number
        numbered = title[0].isupper() and len(match["number"] or "") >= 3
        if capitals or small or numbered:
            yield masked(match[0])


ROLE = (
    "victim|suspect|offender|officer|complainant|witness|defendant|accused|perpetrator|aggrieved|informant|nominal"
    "|applicant|requester|arrestee|detainee"
)
PERSON = (
    f"(?:{ROLE}|person|child|parent|guardian|employee|staff|client|customer|caller|reporter|individual|patient|driver"
    "|owner|supervisor|next of kin|injured party|vic|vict|ip|sus|susp|def|wit)s?"
)
# headers that by themselves, without "name", stand over persons
PARTY = (
    f"(?:(?:{ROLE}|(?:injured |reporting |aggrieved |missing |arrested )?person|caller|employee|staff member"
    "|(?:line )?manager|supervisor|guardian|ip)s?|injured part(?:y|ies)|members? of staff|next of kin)"
)
_NAME_PART = re.compile(rf"{_WORD}\.?")
# what stands in columns about persons and is no name
_NO_NAME = words("""
    unknown none nil na n/a nk null blank redacted withheld removed anonymous anonymised confidential exempt refused not
    no yes recorded stated given known available applicable provided held identified unidentified named unnamed tbc tba
    pending other others various multiple several all total crown regina state society male female man woman boy girl
    adult youth juvenile child children minor elderly person persons people member public business company organisation
    organization corporate ltd limited plc charity school college university hospital council nhs trust service services
    force police officer officers constable sergeant inspector superintendent chief special detective pc dc ps ds di
    pcso staff emergency worker nurse doctor teacher student prisoner driver customer employee security guard civilian
    victim suspect offender complainant witness defendant accused perpetrator stranger partner ex ex-partner husband
    wife spouse boyfriend girlfriend friend family parent mother father son daughter brother sister relative
    acquaintance neighbour colleague carer former current white black asian british irish mixed chinese indian pakistani
    bangladeshi african caribbean european arab north south east west northern southern eastern western english welsh
    scottish gypsy traveller arrested charged released bailed cautioned summonsed interviewed convicted deceased closed
    open active filed nfa investigation under outcome type offence crime department unit team division station custody
    response facebook instagram snapchat tiktok whatsapp twitter youtube roblox onlyfans linkedin telegram discord
    messenger online dating app apps site sites website social media meta x kik skype tinder grindr road street lane
    avenue close drive way place court house park centre town city village
    manager assistant servant supervisor analyst administrator warden conductor paramedic firefighter inspector leader
    county domestic abuse violence hate vulnerable repeat theft sexual harassment stalking fraud burglary assault
""")
_ALSO_SURNAMES = words("""
    white black english friend parent nurse driver lane park street close way place court house north south east west
    young
""")
# forenames that are not at the same time towns or platforms: in a column that says only "Name" one of them must stand
_FORENAMES = words("""
    aaron abdul abigail adam adrian agnieszka ahmed aidan aisha alan alastair albert alex alexander alexandra alfie ali
    alice alison amanda amelia amy andrea andrew angela anita ann anna anne annette anthony antony archie arthur asif
    barbara barry ben benjamin bernard beth bethany beverley bradley brenda brian bridget callum cameron carl carol
    caroline catherine charles charlie charlotte cheryl chloe chris christina christine christopher claire clare clive
    colin connor craig daisy damian daniel danielle darren dave david dawn dean deborah debbie denise dennis derek diana
    diane dominic donna dorothy douglas duncan dylan edward eileen elaine eleanor elizabeth ellie emily emma eric ethan
    eva evie fatima fiona frances francis frank fred frederick freya gareth gary gavin gemma geoffrey george gerald
    gillian glen gordon graeme graham grant greg gwen hannah harriet harry hassan hayley heather helen henry holly
    howard hussain ian imran isaac isabella isla jack jackie jacob jacqueline jake james jamie jane janet janice jasmine
    jason jayne jean jeffrey jennifer jenny jeremy jessica jill jim joan joanna joanne joe joel john jonathan joseph
    joshua joyce judith julia julian julie june karen karl kate katherine kathleen kathryn katie kayleigh keith kelly
    ken kenneth kerry kevin kieran kim kimberley kirsty krzysztof kyle laura lauren leah leanne lee leo leon lesley
    leslie lewis liam lily linda lindsey lisa louise luca lucas lucy luke lynda lynn lynne maciej malcolm mandy marcus
    margaret maria marie marilyn marion mark martin martyn mary matthew maureen max megan melanie melissa mia michael
    michelle mike mohamed mohammad mohammed molly muhammad natalie natasha nathan neil niamh nicholas nicola nicole
    nigel noah norman oliver olivia oscar owen pamela patricia patrick paul paula pauline pawel peter philip phillip
    phoebe piotr poppy priya rachael rachel raymond rebecca rhys richard robert robin rosemary ross russell ruth ryan
    sadie sally sam samantha samuel sandra sara sarah scott sean shane sharon sheila shirley simon sophia sophie stacey
    stephanie stephen steve steven stuart susan suzanne tania tara teresa terence theo theresa thomas tina toby tom
    tomasz tony tracey tracy trevor usman valerie vanessa veronica vincent vivien wayne wendy william yasmin yvonne
    zachary zara zoe
    abdullah adebayo agata ahmad alexandru aleksandra amina amir anil anjali arjun ayesha beata bilal bogdan
    chidi chinedu chukwuemeka dariusz deepak dorota emeka ewa farah faisal farooq gabriela goran grzegorz gurpreet hamza
    harpreet ibrahim ikram ioana ionut iqbal ivan jacek jagdeep jakub jaroslaw jaspreet jerzy jaswinder kamil
    katarzyna khadija kiran kuldeep lakshmi leszek lukasz magdalena magda malgorzata manjit marcin marek mariusz mateusz
    mehmet mihai mihaela mirela monika mustafa nadia naveed neha ngozi oksana olena olga oluwaseun olumide parveen
    piotrek pooja prakash rafal rajesh rajinder rakesh ramesh ravi rohan sadia sanjay sandeep saima shabana shahid
    shazia slawomir sukhdeep sunil sunita svetlana syed tariq tadeusz tunde vasile vijay vikram waldemar waqas wiktor
    wojciech yusuf zainab zbigniew zeynep
""")
# forenames that may stand behind the surname, and are no English words or places
_FORENAMES_EITHER = words("""
    fang feng hao hui jie jing jun lei ling ming qiang wei xiang xiaoming xin yang ying yong yu zhen hyun jin minh
""")


def _name_parts(text: str) -> list[str]:
    """Return the words of a cell that may be one person's name, none where it cannot be: digits, marks, other words."""
    parts = text.replace(",", " ").split()
    if not 1 <= len(parts) <= 5 or not all(_NAME_PART.fullmatch(part) for part in parts):
        return []
    words = {part.lower().rstrip(".") for part in parts}
    return parts if words.isdisjoint(_NO_NAME - _ALSO_SURNAMES) else []


def names_in_name_column(text: str) -> Iterator[str]:
    """Yield a mask where the whole text may be a name."""
    if any(len(part) > 1 for part in _name_parts(text)):
        yield masked(text.strip())


def names_in_person_column(text: str) -> Iterator[str]:
    """Yield a mask where the whole text has a known forename, or is two or more words with capitals."""
    parts = _name_parts(text)
    words = {part.lower() for part in parts}
    capitals = len(parts) > 1 and all(part[0].isupper() for part in parts) and words.isdisjoint(_ALSO_SURNAMES)
    if not words.isdisjoint(_FORENAMES) or (capitals and any(len(part.rstrip(".")) > 1 for part in parts)):
        yield masked(text.strip())


def names_in_bare_column(text: str) -> Iterator[str]:
    """Yield a mask where the whole text is a name with a known forename at its place."""
    # the forename is first, or first after "SURNAME," or SURNAME: `St Mary` and `Combe Martin` are no persons
    whole, parts = _name_parts(text), _name_parts(text.rpartition(",")[2])
    if not whole or not parts:
        return
    behind_capitals = len(whole) > 1 and len(whole[0]) > 2 and whole[0].isupper() and not whole[1].isupper()
    if (
        parts[0].lower() in _FORENAMES
        or (behind_capitals and whole[1].lower() in _FORENAMES)
        or (
            len(whole) == 2
            and all(part[0].isupper() for part in whole)
            and not _FORENAMES_EITHER.isdisjoint(part.lower() for part in whole)
        )
    ):
        yield masked(text.strip())


_CAPITALISED = r"[^\W\d_a-z](?:[^\W\d_]|['’-](?=[^\W\d_]))+"
_IN_ROLE = re.compile(
    rf"""(?<![\w'’&-])
    (?:(?P<role>(?i:(?:{ROLE}|injured\spart(?:y|ie))s?))(?:\s?[:,–-])?
      |(?i:[a-z]{{2,20}}(?:ed|en)\sby:?|(?:name|author|contact|signed)\s?:))
    \s{{1,3}}(?P<first>{_CAPITALISED})\s{{1,2}}(?P<second>{_CAPITALISED})(?:\s{{1,2}}(?P<third>{_CAPITALISED}))?
    (?P<acts>\s{{1,2}}(?:was|is|has|had|who|says|said|states|stated|reports|reported|alleges|alleged|receives|received
      |sent|aged|attended|lives)(?!\w))?""",
    re.VERBOSE,
)
# what follows the word for a role, in capitals, and is no name: outcomes, offences, schemes, laws
_NO_ROLE_NAME = words("""
    act acts analysis appeal application applications assessment based below board bullying bureau case cases charge
    charges chat code commissioner comms communication communications community computer contact contacted
    convention cyber data declined declines denied detail details difficulties disclosure evidential false family
    first fund gender grooming group hub id identified identity image images impact insufficient interest interview
    intimidate intimidation involved liaison location mal malicious management media medical message messages name
    names notice notices number obscene offensive only panel payment penalty personal phone photo plan police policy
    post powers private profile programme prosecution protection protocol public record records referral refused
    refuses rehabilitation report reported reporting resides resolution restorative revenge right rights risk safety
    satisfaction scheme second self send sending sent sentence services sexting snap statement status support
    supporting supportive supports surcharge survey system threat threats tic tik tok training tube unable
    uncooperative unsupportive unwilling withdrawn withdraws working
""")
_THINGS = _NO_NAME | _NO_SURNAME | _NO_ROLE_NAME | _TITLES


def names_in_role(text: str) -> Iterator[str]:
    """Yield a mask for two capitalised words behind a role (`Victim Jane Smith was`) or `Prepared by`.

    A known forename is enough unless another word says that it is a thing's name; without one the words must stand
    behind a role and do something, for a role stands before things too (`suspect Ok Cupid account`).
    """
    for match in _IN_ROLE.finditer(text):
        first, second, third = (match[group].lower() if match[group] else "" for group in ("first", "second", "third"))
        known = not {first, second if match["first"].isupper() else first}.isdisjoint(_FORENAMES)
        person_acts = match["role"] and match["acts"] and {first, second}.isdisjoint(_ALSO_SURNAMES)
        is_thing = third in _THINGS or not {first, second}.isdisjoint(_THINGS - _ALSO_SURNAMES)
        if (known or person_acts) and not is_thing:
            yield masked(f"{match['first']} {match['second']}")


_USER_NAME = re.compile(r"@?(?=[\w.-]*[^\W\d_])[\w.-]{3,40}")


def user_names(text: str) -> Iterator[str]:
    """Yield a mask where the whole text may be the name of an account."""
    value = text.strip()
    if _USER_NAME.fullmatch(value) and value.lower() not in _NO_NAME:
        yield f"{value[0]}…"
