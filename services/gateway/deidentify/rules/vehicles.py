"""Number plates and parts of VINs, where the words around speak of a vehicle: "Texas plate KLP 8842", "VIN ends in 4170"."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import STATE_NAMES, STATES

_STATE = rf"(?:(?:{'|'.join(sorted(STATE_NAMES))}|(?:{'|'.join(sorted(STATES)).lower()}))[ ])?"
_GROUP = r"[a-z0-9]{1,4}"
_WORDS = "".join(rf"(?<![ -]{word})" for word in listed("is on in at of to and was by for per"))
# Two or three groups of letters and digits, with a digit among them; or one of three to eight.
_GROUPS = re.compile(
    rf"(?=[a-z -]{{0,6}}\d){_GROUP}[ -]{_GROUP}(?:[ -](?=[a-z]{{0,2}}\d|[a-z]{{2}}(?!\w)){_GROUP})?{_WORDS}(?![\w/%-]|\.\d)"
)
_TOKEN = re.compile(r"(?=[a-z]{0,6}\d)[a-z0-9]{2,8}(?![\w/%-]|\.\d)")
_LABEL = re.compile(
    rf"(?:plates?|tags?|lp|placard|permit|registration|license|licence)(?![a-z])(?:[ ]?(?:\#|no\.?|number|tag))?"
    rf"(?:[ ](?:is|was|were|reads?|reading|ending|ends|in|with|partial|on|file|from)){{0,3}}[ ]?[:#=(\"]{{0,2}}[ ]?{_STATE}"
)
_MAKES = listed(
    "honda toyota ford chevy chevrolet nissan hyundai kia subaru mazda jeep dodge ram gmc buick lexus acura bmw audi "
    "volkswagen vw volvo tesla mercedes cadillac chrysler mitsubishi infiniti pontiac saturn lincoln harley yamaha "
    "sedan suv pickup truck van minivan motorcycle car vehicle rental scooter boat trailer camper jetta civic camry corolla"
)
_FORM = re.compile(
    rf"[^.\n]{{0,32}}?[ (,:]{_STATE}(?P<id>\d[a-z]{{3}}\d{{3}}|[a-z]{{2,3}}[- ]?\d{{3,4}}|\d{{3}}[- ][a-z]{{3}}"
    rf"|[a-z]\d{{2}}[- ]?[a-z]{{3}}"
    r"|\d[a-z]{2}[- ]?[a-z]?\d{2,3})(?=[ ]?[,.;)\n]|\Z|[ ](?:at|on|in|left|was|is|with|and)[ ])"
)
_NOT_PLATE = re.compile(
    r"(?:rm|bed|hwy|sr|us|rt|rte|hr|bp|ct|er|mr|sp|icu|gcs|mph|am|pm|mg|ml|age|mile|exit|i)[- ]?\d+"
)
_VIN_END = re.compile(
    r"(?:vin(?:[ ](?:number|no\.?|\#))?(?:[ ](?:is|ends?|ending|ends with|in|with|last|first|partial|six|eight|four"
    r"|\d|digits|characters|of)){1,4}[ :]{1,2}"
    r"|(?:last|first)[ ](?:\d|four|six|eight)(?:[ ](?:digits|characters))?[ ]of[ ](?:the[ ])?vin[ :]{1,3}(?:is[ ]|are[ ])?)"
    r"(?P<id>[a-z0-9]{4,12})(?!\w)"
)
_LABELS = frozenset(listed("plate plates tag tags lp placard permit registration license licence"))
_VEHICLE = re.compile(
    r"(?<![a-z])(?:auto|dmv|handicap\w*|parking|towed|scene|driver'?s?|vanity|number|license|licence|"
    rf"{'|'.join(_MAKES)})(?![a-z])"
)
_DOUBTFUL = frozenset(("license", "licence", "permit", "registration", "tag", "tags"))
_MADE = frozenset(_MAKES)


def vehicles(view: View) -> Iterator[Candidate]:
    """Plates after a label, or of a plate's form after a kind of vehicle; the last characters of a VIN."""
    lower = view.lower
    for word, start in view.words:
        if word in _LABELS:
            told = _VEHICLE.search(lower, max(0, start - 40), start) is not None
            if (told or word not in _DOUBTFUL) and (span := _labelled(view, start, told=told)):
                yield Candidate(*span, "VEHICLE_ID", Certainty.FORMED)
        elif word in ("vin", "last", "first"):
            if (match := _VIN_END.match(lower, start)) and any(map(str.isdigit, match["id"])):
                yield Candidate(*match.span("id"), "VEHICLE_ID", Certainty.LABELLED)
        elif (
            word in _MADE
            and (match := _FORM.match(lower, start + len(word)))
            and view.text[match.start("id") : match.end("id")].isupper()
            and _is_plate(view.text, *match.span("id"))
        ):
            yield Candidate(*match.span("id"), "VEHICLE_ID", Certainty.FORMED)


def _labelled(view: View, start: int, *, told: bool) -> tuple[int, int] | None:
    """The plate after a label; where no vehicle is spoken of only one with capital letters: "plate 6 holes"."""
    if not (label := _LABEL.match(view.lower, start)):
        return None
    for form in (_GROUPS, _TOKEN):
        if match := form.match(view.lower, label.end()):
            value = view.text[match.start() : match.end()]
            if (told or value.isupper()) and _is_plate(view.text, *match.span()):
                return match.span()
    return None


def _is_plate(text: str, start: int, end: int) -> bool:
    """Whether it can be one: no year, no room, no road; its letters all capitals or all small."""
    value = text[start:end]
    if value.isdigit() and len(value) < 3:
        return False
    if _NOT_PLATE.fullmatch(value.lower()) or (len(value) == 4 and value[:2] in ("19", "20") and value.isdigit()):
        return False
    return value.isdigit() or value.isupper() or value.islower()
