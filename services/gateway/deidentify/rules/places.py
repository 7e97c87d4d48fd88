"""Places with a form: street addresses up to the state, boxes, "City, ST", counties, facilities. The recogniser finds others."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.rules.possible import WHOSE
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import CLINICAL_WORDS, COMMON_WORDS, STATE_NAMES, STATES, word_lists

_SUFFIXES = listed(
    "street st str avenue ave av road rd boulevard blvd lane ln drive dr court ct place pl way "
    "terrace ter terr circle cir parkway pkwy highway hwy square sq trail trl loop alley aly plaza "
    "plz pike turnpike tpke crescent cres row run path pass point ridge rdg crossing xing commons "
    "walk freeway fwy expressway expy bend cove grove glen heights hts hill hollow hls landing manor "
    "meadow meadows mews park creek lake lakes shore shores spring springs station valley view vista "
    "causeway bypass route rte broadway lndg"
)
_SUFFIX = "(?i:" + "|".join(sorted(_SUFFIXES, key=len, reverse=True)) + r")(?![a-z])\.?"
_UNIT = (
    r"(?:[,\s]{0,3}(?i:apt|apartment|unit|suite|ste|rm|room|fl|floor|lot|trlr|trailer|spc|space|bldg"
    r"|building|no|\#)\.?[ ]?\#?[A-Za-z0-9]{1,5}(?:-[A-Za-z0-9]{1,3})?\b|[ ]?\#[ ]?\w{1,5})?"
)
_NAME = r"(?:[A-Z][A-Za-z'-]{0,20}|[A-Z]\.|(?:St|Mt|Ft)\.|\d{1,3}(?i:st|nd|rd|th)|of|the|de|la|del|los|el)"
_DIRECTION = r"(?:(?i:north|south|east|west|northeast|northwest|southeast|southwest|[ns]\.?[ew]?\.?|[ew]\.?)[ ])?"
_STATE = "(?:" + "|".join(sorted(STATES)) + r")(?![A-Za-z])"
_STATE_NAME = "(?i:" + "|".join(sorted(STATE_NAMES)) + r")(?![A-Za-z])"
_CITY = r"(?:(?:[A-Z][A-Za-z'.-]+|of|or|and|the|de|la|del|los|las|on|du)[ ]){0,4}[A-Z][A-Za-z'-]+"
_CITY_TAIL = rf"(?:[,\s]{{1,3}}{_CITY}(?=[,.]?\s{{0,3}}(?:{_STATE}|{_STATE_NAME}|\d{{5}}(?!\d))))?"
_STREET = re.compile(
    rf"(?<![\w$.:/-])\d{{1,6}}(?![ ](?i:mg|mcg|ml|kg|units?|cc|cm|mm|iu|meq|bpm|days?|yo|y/o|hours?"
    rf"|weeks?|tabs?)(?![a-z]))(?:-?[A-Z](?![A-Za-z])|-\d{{1,4}}|[ ]1/2)?[ ]{_DIRECTION}(?:{_NAME}[ "
    rf"]){{1,4}}{_SUFFIX}(?:[ ](?:[NSEW]|NE|NW|SE|SW)\b)?{_UNIT}{_CITY_TAIL}"
)
_LOWER_STREET = re.compile(
    r"(?<![\w$.:/-])\d{2,6}[ ](?:[nsew][.]?[ ]|north[ ]|south[ ]|east[ ]|west[ ])?(?:[a-z]{3,15}[ ]"
    r"|\d{1,3}(?:st|nd|rd|th)[ ]){1,2}(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr"
    r"|court|ct|parkway|pkwy|highway|hwy|terrace|circle)(?![a-z])\.?"
    r"(?:,?[ ](?:apt|unit|suite|ste|\#)\.?[ ]?\#?\w{1,5}\b)?"
)
_BLOCK = re.compile(
    r"\d{3,5}[ ](?i:block|blk)(?:[ ](?i:of))?[ ](?:[NSEWnsew]\.?[ ])?(?:[A-Z][A-Za-z]+(?:[ ][A-Z][A-Za-z]+){0,2}"
    r"|\d{1,3}(?:st|nd|rd|th)[ ][A-Za-z]+"
    r"|[a-z]+[ ](?:st|street|ave|avenue|rd|road|blvd|dr|ln)(?![a-z]))"
)
_BOX = re.compile(
    rf"(?<![A-Za-z])(?i:(?:P\.?[ ]?O\.?[ ]?|post office[ ])box|(?:RR|R\.R\.|rural route|HC)[ "
    rf"]?\#?\d{{1,3}},?[ ]box)[ ]\#?\d{{1,6}}[A-Za-z]?{_CITY_TAIL}"
)
_COMMA_STATE = re.compile(rf",[ ]?(?P<state>{_STATE}|{_STATE_NAME})")
_SPACE_STATE = re.compile(rf"(?P<id>{_CITY}),?[ ]{_STATE}[ ,]{{1,2}}\Z")
_CITY_BEFORE = re.compile(rf"(?<![\w.'-])(?P<id>{_CITY})\Z")
_IN = re.compile(
    r"(?<![a-z])(?:in|from|of|near|to|at|outside|around|leaving|via|visiting|located in|lives in"
    r"|resides in|born in)[ ]\Z"
)
_CREDENTIALS = frozenset(
    listed("MD PA MA RN DO OT CT MS MI OR ME IN OK HI LA ID AL DE CO PR SC ND NC VA AR MT MO NE GA PT")
)
_BODIES = frozenset(("county", "parish", "township", "borough", "precinct"))
_BODY_BEFORE = re.compile(
    r"(?<![\w'-])(?P<id>(?:[A-Z][A-Za-z'.-]+[ ]){1,3})\Z|(?<![\w])(?P<nth>\d{1,3}(?:st|nd|rd|th)[ ])\Z"
)
_BODY_OF = re.compile(
    r"(?:City|Town|Village|County|Township|Borough|CITY|COUNTY)[ ](?:of|OF)[ ][A-Z][A-Za-z'-]+(?:[ "
    r"][A-Z][A-Za-z'-]+)?(?![A-Za-z])"
)
_NUMBERED = re.compile(r"(?i:precinct)[ ](?:no\.?[ ])?\#?\d{1,3}(?!\w)")
_KINDS: dict[str, re.Pattern[str]] = {
    first: re.compile(
        rf"(?:{kinds})(?:[ ](?:Hospital|Center|Ctr|Clinic|System|Campus|Institute|School|Department|ER"
        rf"|ED))?(?:[ ]of[ ][A-Z][a-z]+(?:[ ][A-Z][a-z]+)?)?(?![A-Za-z])",
        re.IGNORECASE,
    )
    for first, kinds in {
        "hospital": "hospitals?",
        "hosp": "hosp",
        "medical": "medical (?:center|ctr|group|associates|plaza|arts|pavilion|clinic)",
        "med": "med (?:center|ctr)",
        "health": (
            "health(?: (?:center|ctr|system|services|care|clinic|network|partners|department))?"
            "(?! (?:plan|insurance|record|history|care proxy|maintenance|care team|dept))"
        ),
        "healthcare": "healthcare(?: (?:center|system))?",
        "clinic": "clinic",
        "nursing": "nursing (?:home|center|facility|and rehab(?:ilitation)?(?: center)?)",
        "rehab": "rehab(?:ilitation)?(?: (?:center|hospital|institute|facility|unit))?",
        "rehabilitation": "rehabilitation(?: (?:center|hospital|institute|facility))?",
        "hospice": "hospice",
        "infirmary": "infirmary",
        "assisted": "assisted living(?: (?:center|facility|community))?",
        "care": "care (?:center|facility|home|pavilion)",
        "retirement": "retirement (?:home|community|village|center)",
        "surgery": "surgery center",
        "surgical": "surgical (?:center|hospital)",
        "cancer": "cancer (?:center|institute)",
        "heart": "heart (?:institute|center|hospital)",
        "eye": "eye (?:institute|center|clinic)",
        "urgent": "urgent care(?: center)?",
        "pavilion": "pavilion",
        "elementary": "elementary(?: school)?",
        "middle": "middle school",
        "high": "high school",
        "academy": "academy",
        "university": "university",
        "college": "college",
        "church": "church",
        "cathedral": "cathedral",
        "shelter": "shelter",
        "mission": "mission",
        "pharmacy": "pharmacy",
        "imaging": "imaging(?: center)?",
        "radiology": "radiology",
        "dialysis": "dialysis(?: center)?",
        "senior": "senior (?:living|center)",
        "memory": "memory care",
        "manor": "manor",
        "villa": "villas?",
        "skilled": "skilled nursing(?: (?:facility|center))?",
        "snf": "snf",
        "family": "family (?:medicine|practice|health(?: center)?|care)",
        "pediatrics": "pediatrics",
        "orthopedics": "orthopa?edics",
        "dental": "dental",
        "correctional": "correctional (?:facility|center|institution)",
        "prison": "prison",
        "jail": "jail",
        "penitentiary": "penitentiary",
        "behavioral": "behavioral health(?: (?:center|hospital))?",
        "convalescent": "convalescent (?:home|center|hospital)",
        "birth": "birth center",
        "wellness": "wellness center",
        "veterans": "veterans (?:hospital|home)",
        "va": "va (?:medical center|hospital|clinic)",
        "children": "children's(?: (?:hospital|medical center|clinic|healthcare))",
        "memorial": "memorial(?: (?:hospital|medical center|health))?",
        "regional": "regional (?:medical center|hospital|health)",
        "general": "general hospital",
        "community": "community (?:hospital|health center|college|center|clinic)",
        "estates": "estates",
        "reservation": "(?:indian )?reservation",
        "synagogue": "synagogue",
        "mosque": "mosque",
        "temple": "temple",
        "library": "library",
        "airport": "airport",
        "ymca": "ymca",
        "precinct": "precinct",
        "apartments": "apartments|apts",
        "mall": "mall",
        "park": "park",
        "lake": "lake",
        "beach": "beach",
        "bridge": "bridge",
        "farm": "farms?",
        "ranch": "ranch",
        "canyon": "canyon",
        "diner": "diner",
    }.items()
}
_NAME_BEFORE = re.compile(
    r"(?<![\w'-])(?P<id>(?:(?:[A-Z][A-Za-z'-]*|(?:St|Ft|Mt|Sts)\.|of|the|and|&|de|la)[ ]){0,5}[A-Z][A-Za-z'-]+[ ])\Z"
)
_BOXES = frozenset(("po", "p", "post", "rr", "r", "rural", "hc", "box"))
_GENERIC = (
    CLINICAL_WORDS
    | COMMON_WORDS
    | WHOSE
    | frozenset(
        listed(
            "january february march april may june july august september october november december "
            "interventional brief cardiology neurology oncology pediatric pediatrics orthopedic orthopedics "
            "wound pain sleep "
            "urology dermatology surgical surgery medical mental behavioral public home womens women's men's "
            "children's primary care urgent outpatient inpatient local regional general rehab rehabilitation "
            "skilled acute long term nursing health physical speech eye dental hand foot breast "
            "heart cancer stroke trauma burn diabetes anticoagulation coumadin travel allergy asthma headache "
            "memory memorial-day family internal sports spine joint weight fertility prenatal ob gyn "
            "obstetrics gynecology walk-in same-day infusion dialysis imaging radiology laboratory pharmacy "
            "retail teaching tertiary community county state federal private nearby outside another other new "
            "old previous current referring transferring receiving admitting hospital clinic center "
            "university college high"
        )
    )
)

_TELLING = frozenset((*_BOXES, *_BODIES, *_KINDS, "city", "town", "village"))


def places(view: View) -> Iterator[Candidate]:
    """Places below a state that have a form."""
    text, lower = view.text, view.lower
    end = 0
    for digits, start in view.numbers:
        if start < end or len(digits) > 6:
            continue
        if digits.endswith("00") and (match := _BLOCK.match(text, start)):
            yield _found(*match.span())
        if match := _STREET.match(text, start) or _LOWER_STREET.match(lower, start):
            end = match.end()
            yield _found(start, end - (match[0].endswith(".") and not match[0].lower().endswith(_SHORTENED)))
        if len(digits) == 5 and (match := _SPACE_STATE.search(text, max(0, start - 60), start)):
            yield from _named(text, *match.span("id"))
    for comma in _COMMA_STATE.finditer(text):
        if match := _CITY_BEFORE.search(text, max(0, comma.start() - 50), comma.start()):
            told = comma["state"] not in _CREDENTIALS or _IN.search(lower, max(0, match.start() - 16), match.start())
            if told:
                end_of_name = comma.end() if comma["state"] == "DC" else match.end("id")
                yield from _named(text, match.start("id"), end_of_name)
    for word, start in view.words:
        if word not in _TELLING:
            continue
        if word in _BOXES and (match := _BOX.match(text, start)):
            yield _found(*match.span())
        if word in _BODIES:
            if match := _NUMBERED.match(text, start) or _BODY_OF.match(text, start):
                yield _found(*match.span())
            elif text[start].isupper() and (match := _BODY_BEFORE.search(text, max(0, start - 50), start)):
                if match["nth"]:
                    yield _found(match.start(), start + len(word))
                else:
                    yield from _named(text, match.start(), start + len(word))
        elif word in ("city", "town", "village") and (match := _BODY_OF.match(text, start)):
            yield _found(*match.span())
        elif word in _KINDS and text[start].isupper() and (after := _KINDS[word].match(text, start)):
            match = _NAME_BEFORE.search(text, max(0, start - 60), start)
            yield from _named(text, match.start(), after.end()) if match else ()


_SHORTENED = ("st.", "ave.", "rd.", "dr.", "ln.", "ct.", "blvd.")


def _found(start: int, end: int) -> Candidate:
    return Candidate(start, end, "LOCATION", Certainty.LEARNT)


def _named(text: str, start: int, end: int) -> Iterator[Candidate]:
    if span := _without_generic(text, start, end):
        yield _found(*span)


_WORD = re.compile(r"[A-Za-z][A-Za-z'.-]*")
_SENTENCE = COMMON_WORDS - {"of", "and", "mine", "sixty", "side", "bottom", "top", "front", "well"}


def _is_generic(word: str) -> bool:
    return word in _GENERIC or word in word_lists().clinical


def _without_generic(text: str, start: int, end: int) -> tuple[int, int] | None:
    """From the first word that is no common one; None when all of them are: "Pain Clinic", "The Hospital"."""
    words = list(_WORD.finditer(text, start, end))
    if text[start:end].isupper():  # capitals tell nothing there: the name begins after the last word of a sentence
        plain = [place for place, word in enumerate(words) if word[0].lower() in _SENTENCE]
        words = words[plain[-1] + 1 :] if plain else words
    while words and (
        words[0][0].lower().strip(".") in COMMON_WORDS
        or words[0][0].lower()
        in ("patient", "pt", "lives", "seen", "admitted", "transferred", "dr", "mr", "mrs", "ms", "via", "comparison")
    ):
        words.pop(0)
    if not words or all(_is_generic(word[0].lower().strip(".")) for word in words):
        return None
    if (
        len(words) > 1
        and all(word[0].lower().strip(".") in _GENERIC for word in words[:-1])
        and words[-1][0] in ("Hospital", "Clinic", "Center")
    ):
        return None
    return words[0].start(), end
