"""Whether what the recogniser found can be of the type that it gives: it knows no calendar, no ranges and no list of countries."""

import re

from services.gateway.deidentify.rules import Candidate, listed
from services.gateway.deidentify.rules.dates_numeric import is_score
from services.gateway.deidentify.rules.eponyms import is_eponym
from services.gateway.deidentify.rules.months import MONTHS, WEEKDAYS
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import (
    CLINICAL_WORDS,
    COMMON_WORDS,
    KEPT_PLACES,
    STATES,
    word_lists,
)

NEVER_NAMES = CLINICAL_WORDS | COMMON_WORDS
_LETTERS = re.compile(r"[a-z]+")
CODES = frozenset(
    (
        *("PHONE_NUMBER", "FAX_NUMBER", "US_SSN", "MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_NUMBER", "ACCOUNT_NUMBER"),
        *("LICENSE_NUMBER", "VEHICLE_ID", "DEVICE_ID", "BIOMETRIC_ID", "ID"),
    )
)
_OLD = re.compile(r"(?:9\d|1[0-2]\d)(?:st|nd|rd|th|'?s)?|.*(?:ninet|ninty|hundred|nonagen|centen).*", re.DOTALL)
_TIMES = re.compile(
    r"(?:[01]\d|2[0-3]):?[0-5]\d(?:-(?:[01]\d|2[0-3]):?[0-5]\d)?|\d{1,3}(?:\.\d+)?(?:[-/]\d{1,3}(?:\.\d+)?)?"
)
_DAY = re.compile(r"\d+[/.-]\d+|\d(?:st|nd|rd|th)|(?:19|20)\d\d[01]\d[0-3]\d|[01]\d[0-3]\d(?:19|20)\d\d(?!\d)")
_WHO = re.compile(r"(?<![a-z])(?:it|i|you|he|she|we|they|that|which|who|this|patient|pt)[ ]\Z")
_DAY_WORDS = frozenset(
    listed(
        "mon tue tues wed weds thu thur thurs fri sat sun day eve easter christmas xmas thanksgiving "
        "halloween ramadan diwali passover hanukkah juneteenth kwanzaa lent spring summer fall autumn "
        "winter first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth "
        "mayo mardi gras hashanah kippur eid holi purim nowruz years valentine valentines patrick patricks kings "
        "muertos pesach sukkot shavuot navratri tet hogmanay epiphany advent pentecost bowl muharram ashura week "
        "thirty forty fifty sixty seventy eighty ninety twenty nineteen hundred"
    )
)
_NEVER_ALONE = frozenset(
    listed(
        "day eve first second third fourth fifth lent spring summer fall autumn winter sat sun week years kings bowl "
        "thirty forty fifty sixty seventy eighty ninety twenty nineteen hundred"
    )
)
"""Not dates as a single word."""
_PART_OF_DAY = re.compile(r"[ ](?:nite|night|morning|evening|eve|afternoon|aft|[ap]m)(?![a-z])")
_SATURATION = re.compile(
    r"s?[ :]{0,2}(?:\d|%|<|>|=|~|of|in|on|up|down|still|goal|drop|probe|exposure|burn|screen|block)"
)
_PAIR = re.compile(r"(\d{1,3})[/-](\d{1,3})")
_STAGES = re.compile(
    r"g\d+p\d+|[ptycr]{0,3}t\d[a-d]?n\d.*|[a-z]\d{1,2}-?[a-z]?\d{0,2}|\d{1,2}[wdx+]\d{1,2}d?|\d{1,3}[a-z]"
)
"""Of pregnancies, tumours, vertebrae, joules: no code of anybody."""
_MIXED = re.compile(r"(?=(?:[a-z-]*\d){2})(?=(?:[\d-]*[a-z]){3})[a-z\d-]{5,}")
_MEASURED = re.compile(
    r"[ ]?(?:%|/|mm|cm|m[lg]|mcg|k?g(?![a-z])|lbs?|deg|bpm|min|hours?|hrs?|days?|d(?![a-z])|wks?|weeks?|months?|times"
    r"|x(?![a-z])|pack"
    r"|percent|point|seconds?|sec|steps?|feet|ft|units?|cc|th[ ]percentile|on[ ](?:ra|room)|systolic|over|ra(?![a-z]))"
)
_AND_STATE = re.compile(rf",?[ ](?:{'|'.join(sorted(STATES))})(?![A-Za-z])|,?[ ]D\.C\.")

_OF_A_PLACE = re.compile(r"(?<![a-z])(?:in|from|near|speaks)[ ]\Z|,[ ]?\Z|\([ ]?\Z")
_TO_A_PLACE = re.compile(r"(?<![a-z])(?:to|of|and|or|via)[ ]\Z")
_LETTERED = re.compile(
    r"(?<![a-z])(?:ward|unit|team|hall|lot|bay|garage|wing|hep|hepatitis|type|pod|tower|level|vit|vitamin|grade|stage|class"
    r"|category|group|building|bldg|door|elevator|room|bed|phase|arm|cohort|plan|part|section|zone|influenza|flu)[ ]\Z"
)
_NO_CODE = re.compile(
    r"(?<![a-z])(?:(?:rx)?bin|(?:rx)?pcn|cpt|hcpcs|ndc|icd(?:-?(?:9|10))?|loinc|snomed|modifier|drg|cvx|rxnorm|nct)"
    r"(?:[ ]?(?:codes?|no\.?|\#))?[ :#]{0,3}\Z"
)
_NO_ZIP = re.compile(r"(?<![a-z])(?:for|codes?|by|paid|charges?|auth|bill(?:ed)?)[ :]{0,2}\Z")
_ZIP_CODES = re.compile(r"(?<![a-z])(?:zip|postal)[ ]codes?[ :]{0,2}\Z")
_BEFORE_ANOTHER_KIND = frozenset(
    listed("speak speaks native language: lang: religion: race: ethnicity: insurance: payer:")
)
_PER = re.compile(
    r"(?<![a-z])(?:per|(?:certified|approved|funded|recommended|accredited|recalled|covered|regulated|graded|published) by)[ ]\Z"
)
_CARS = frozenset(
    listed(
        "honda toyota ford chevy chevrolet nissan hyundai kia subaru mazda jeep dodge ram gmc buick lexus acura bmw audi vw volvo"
        " tesla altima accord tacoma tundra camry corolla civic explorer silverado tahoe impala malibu sentra rogue elantra sonata"
        " sorento outback forester impreza wrangler cherokee charger equinox escape escalade highlander rav4 prius odyssey sienna"
        " silver black white blue red gray grey green gold tan maroon"
    )
)
_DEPARTMENTS = frozenset(
    listed(
        "clinic clinics dental health rehab dialysis center unit ward service services program lab room office desk team surgery"
        " medicine care nursing screening"
    )
)
WHOSE = frozenset(listed("employee employees occupational correctional inmate tribal student school based women vet"))
"""Whom a department is for."""
_ZONES = frozenset(listed("est edt cst cdt mst mdt pst pdt akst akdt hst utc gmt"))
_NEVER_ALONE_NAMES = _ZONES | frozenset(listed("jr sr maj sgt capt lieut ofc deputy"))
"""Hours' zones, and what stands before or behind names without being any."""
_OFFICES = frozenset(
    listed("judge guard sister brother nurse coach pastor officer trooper principal president warden chaplain")
)
"""Names too, but not before one."""
_NAME_NEXT = re.compile(r"\.?[ ](?:[A-Z]\.[ ])?[A-Z][a-z]")
_CREDENTIALS = re.compile(
    r"(?<![a-z])(?:m\.?d|d\.?o|r\.?n|n\.?p|pa-c|pharm\.?d|ph\.?d|dnp|msn|bsn|lcsw|rrt|dds|dmd|dpm)\.?[,/ ]{1,2}\Z"
)
_WORD_BEFORE = re.compile(r"(?<![a-z])([a-z]+)[ ]\Z")
_NEARBY = 200
_PART_OF_WORD = re.compile(r"%\Z|[A-Za-z]-\Z")


def possible(view: View, candidate: Candidate) -> bool:
    """Whether the text of a candidate can be of its type."""
    value = view.lower[candidate.start : candidate.end]
    kind = candidate.type
    if kind in ("PERSON", "LOCATION") and _is_of_another_kind(view, candidate, value):
        return False
    if kind == "PERSON":
        return _is_nameable(view, candidate, value)
    if kind == "LOCATION":
        if not any(map(str.isalpha, value)) or (value not in word_lists().places and _is_plain(view, candidate, value)):
            return False
        if _is_department(value) or _is_end_of_kept(view, candidate, value) or _is_small(view, candidate, value):
            return False
        if value in KEPT_PLACES:  # a state or country, unless it is a city in one: "New York, NY"
            return _AND_STATE.match(view.text, candidate.end) is not None
        return view.text[candidate.start : candidate.end] not in STATES and len(value) > 1
    if kind == "DATE":
        words = _LETTERS.findall(value)
        if words == ["may"] and _WHO.search(view.lower, max(0, candidate.start - 12), candidate.start):
            return False
        if (pair := _PAIR.fullmatch(value)) and not _is_day(int(pair[1]), int(pair[2])):
            return False
        if pair and is_score(view.lower, candidate.start, candidate.end):
            return False
        if len(words) == 1 and words[0] in _NEVER_ALONE and not any(map(str.isdigit, value)):
            return words[0] in ("sat", "sun") and _is_weekday(view, candidate)
        if _DAY.search(value) is not None:
            return True
        return any(word in MONTHS or word in WEEKDAYS or word in _DAY_WORDS for word in words)
    if kind == "AGE":
        return _OLD.fullmatch(value) is not None and _is_age(view, candidate, value)
    if kind == "ZIP_CODE":
        before = view.lower[max(0, candidate.start - 16) : candidate.start]
        if _NO_CODE.search(before) or (_NO_ZIP.search(before) and not _ZIP_CODES.search(before)):
            return False
        return re.fullmatch(r"\d{5}(?:[ -]{0,3}\d{4})?", value) is not None
    if kind in CODES:
        if _NO_CODE.search(view.lower, max(0, candidate.start - 16), candidate.start):
            return False
        least = 2 if kind == "VEHICLE_ID" or _MIXED.fullmatch(value) else 3
        return sum(map(str.isdigit, value)) >= least and not _TIMES.fullmatch(value) and not _STAGES.fullmatch(value)
    return any(sign in value for sign in ".@:") and len(value) > 5  # addresses of the internet


def _is_of_another_kind(view: View, candidate: Candidate, value: str) -> bool:
    """Whether it is a language, a religion, an insurer after its label, a car with its colour, "silver Altima", or an eponym."""
    if is_eponym(view, candidate.start, candidate.end):
        return True
    before = view.lower[max(0, candidate.start - 16) : candidate.start].split()
    if before and before[-1] in _BEFORE_ANOTHER_KIND:
        return True
    words = value.split()
    return len(words) > 1 and _CARS.issuperset(words)


def _is_nameable(view: View, candidate: Candidate, value: str) -> bool:
    """Whether the words can be a name: a common word only where it is a frequent name and has its capital."""
    if not any(map(str.isalpha, value)) or _is_plain(view, candidate, value):
        return False
    before = max(0, candidate.start - 16)
    if len(value) == 1 and _LETTERED.search(view.lower, before, candidate.start):
        return False
    if value in _NEVER_ALONE_NAMES or _is_acronym(view, candidate, value):
        return False
    if value in _OFFICES and _NAME_NEXT.match(view.text, candidate.end):
        return False
    if value in KEPT_PLACES and _OF_A_PLACE.search(view.lower, before, candidate.start):
        return False
    if (
        value in KEPT_PLACES
        and value not in word_lists().frequent
        and _TO_A_PLACE.search(view.lower, before, candidate.start)
    ):
        return False
    if value in NEVER_NAMES:
        return value in word_lists().frequent and view.text[candidate.start].isupper()
    return True


def _is_department(value: str) -> bool:
    """Whether it is a kind of department, "peds dental", "pulmonary rehab", and the name of none."""
    *before, last = _LETTERS.findall(value) or [""]
    if last not in _DEPARTMENTS or any(map(str.isdigit, value)) or "&" in value:
        return False
    return all(word in _DEPARTMENTS or word in WHOSE or word in word_lists().clinical for word in before)


def _is_end_of_kept(view: View, candidate: Candidate, value: str) -> bool:
    """Whether it is the end of a state's or country's name: the "Dakota" of "North Dakota"."""
    before = _WORD_BEFORE.search(view.lower, max(0, candidate.start - 16), candidate.start)
    return before is not None and f"{before[1]} {value}" in KEPT_PLACES


def _is_small(view: View, candidate: Candidate, value: str) -> bool:
    """Whether it is one word of English in small letters beside capitals on its line: the "court" of "He was in court"."""
    if value not in word_lists().english or not view.text[candidate.start : candidate.end].islower():
        return False
    after, _, _ = view.text[candidate.end : candidate.end + _NEARBY].partition("\n")
    _, _, before = view.text[max(0, candidate.start - _NEARBY) : candidate.start].rpartition("\n")
    return not f"{before}{value}{after}".islower()


def _is_plain(view: View, candidate: Candidate, value: str) -> bool:
    """Whether it is a word in small letters that names nobody, or the end of a longer one."""
    if not value.isalpha() or not view.text[candidate.start].islower():
        return False
    return (
        value in word_lists().no_names
        or _PART_OF_WORD.search(view.text, max(0, candidate.start - 2), candidate.start) is not None
    )


def _is_acronym(view: View, candidate: Candidate, value: str) -> bool:
    """Whether it is a body that recommends or certifies, "per ASPEN", "certified by ABPN", or one more letter behind a name:
    "MD, UHM". Three letters elsewhere may be initials.
    """
    if not 2 < len(value) < 8 or not view.text[candidate.start : candidate.end].isupper() or view.text.isupper():
        return False
    if value in word_lists().names or value in word_lists().frequent:
        return False
    before = max(0, candidate.start - 18)
    if _CREDENTIALS.search(view.lower, before, candidate.start):
        return True
    return len(value) > 3 and _PER.search(view.lower, before, candidate.start) is not None


def _is_day(first: int, second: int) -> bool:
    """Whether one is a month and the other a day of it."""
    return (1 <= first <= 12 and 1 <= second <= 31) or (1 <= second <= 12 and 1 <= first <= 31)


def _is_weekday(view: View, candidate: Candidate) -> bool:
    """Whether "Sat" or "Sun" is a day: with its capital and no saturation after it, or with a part of the day."""
    if _PART_OF_DAY.match(view.lower, candidate.end):
        return True
    word = view.text[candidate.start : candidate.end]
    return word.istitle() and not view.text.isupper() and not _SATURATION.match(view.lower, candidate.end)


def _is_age(view: View, candidate: Candidate, value: str) -> bool:
    """Whether no measure follows the number."""
    return not value[0].isdigit() or _MEASURED.match(view.lower, candidate.end) is None
