"""Ages over 89, in figures and in words (45 CFR 164.514(b)(2)(i)(C)); the number alone is the span."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_ONES = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_TEENS = r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
_WORDS = re.compile(
    rf"ninet?y(?:[- ]?{_ONES})?(?![a-z])|(?:a|one)[ -]hundred(?:[ -](?:and[ -])?(?:{_ONES}|{_TEENS}))?(?![a-z])"
)
_UNSAID = frozenset(
    (
        "ninety",
        "ninty",
        "a",
        "one",
        "nineties",
        "nonagenarian",
        "centenarian",
        "supercentenarian",
        "ninetieth",
        "hundredth",
    )
)
_YEARS = r"(?:years?|yrs?|yr's|year's|yeras?|yaers?)"
_OLD = re.compile(
    rf"[ ]?-?[ ]?{_YEARS}\.?[ ]?-?[ ]?(?:olds?|of[ ]age|young|aged?)(?![a-z])"
    r"|[ -]?y\.?[ ]?[/-]?[ ]?\.?o\.?(?:ld)?(?![a-z])|[ -]?yo?[mfw](?![a-z])|[ ]?-?yo(?![a-z])"
    rf"|[ -]?(?:y|{_YEARS}|y/?o)\.?[ ](?:m|f|w|male|female|man|woman|lady|gentleman|caucasian|white"
    rf"|black|hispanic|asian|rh|lh)(?![a-z])"
    r"|[ ]was[ ](?:admitted|seen|brought|transferred|evaluated)(?![a-z])|[ ]?/[ ]?(?:m|f|male"
    r"|female)(?![a-z0-9/])|(?:st|nd|rd|th)[ ](?:birthday|bday|b-day|year[ ]of[ ]life)"
)
_SEX = re.compile(r"[ ]?[-,]?[ ]?(?:[mfw](?![\w/'%])|(?:male|female)(?![a-z]))(?![ ]?\d)")
_STILL = re.compile(
    r",?[ ](?:he|she|they|patient|pt|mom|dad|grandma|grandpa|mother|father)[ ](?:still|is|has|lives|was)(?![a-z])"
)
_SEX_BEFORE = re.compile(r"(?:\A|[\n(;:|/][ ]?)(?:m|f|male|female)[ ]?[,/|-][ ]?\Z")
_CELL_END = re.compile(r"[ ]?(?:[,;.)|\n]|\Z)(?!\d)")
_ALONE = re.compile(rf"[ ]?(?:{_YEARS}|y)(?![a-z])(?=[.,;)]|\s*\Z|\n)")
_CLOSED = re.compile(
    r"(?=[ ]?(?:[.;!?)](?!\d)|,|\Z|\n|and[ ](?!\d)|but[ ]"
    r"|years?(?![a-z])|when[ ]|now(?![a-z])|with[ ]|this[ ]|at[ ]|on[ ]|next[ ]|last[ ]|who[ ]|"
    r"from[ ](?!\d)|of[ ](?:[a-z]+[ ])?(?:cancer|a|natural|old)|in[ ](?:good|poor|january|february"
    r"|march|april|may|june|july|august|september|october|november|december|\d{4})))"
)
_NO_AMOUNT = re.compile(
    r"(?![\d%+]|[ ]?(?:mg|kg|lbs?|%|/)|\.\d|[- ](?:days?|weeks?|months?|minutes?|hours?|beats?|percent)(?![a-z])|-\d)"
)
_NEARLY = (
    r"(?:(?:of|is|was|at|age|about|nearly|almost|now|approximately|over|only|already|just|turned|be|a"
    r"|very|ripe|old)[ ]){0,3}"
)
_LABEL = re.compile(
    rf"(?<![a-z])(?:(?:[mp]g[mf]|mother|father|mom|dad|aunt|uncle|sister|brother)[ ]d\.?"
    rf"|(?:grand(?:mother|father|ma|pa))[ ]d\.?|ages?|aged|(?:dec(?:eased)?|died|death|passed)\.? (?:at|@)|turn(?:ed|ing|s)?|old as"
    rf"|at the age of|lived to|live to|died at"
    rf"|passed(?: away)? at|death at|deceased at|deceased,|died,?|age at death|age/sex|expired at"
    rf"|reached|celebrated her|celebrated his)[ \t:=|-]{{1,4}}{_NEARLY}\Z"
)
_SUBJECT = re.compile(
    r"(?<![a-z])(?:he|she|who|patient|pt|father|mother|mom|dad|grand(?:mother|father|ma|pa)|aunt|uncle"
    r"|husband|wife|resident|sister|brother|neighbor|gentleman|lady|i|i'm|mgm|pgm|mgf|pgf"
    r"|(?:step)?(?:son|daughter)|man|woman|male|female|friend|roommate|partner|spouse|cousin|widow"
    r"|widower|veteran)"
    rf"(?:'s|'ll[ ]be|[ ]is|[ ]was|[ ]am|[ ]will[ ]be|[ ]will[ ]turn|[ ]turns|[ ]just[ ]turned|[ ]recently[ "
    rf"]turned|,|[ ]died|[ ]\()?[ ]?{_NEARLY}\Z"
)
_PERSON = re.compile(
    r"(?:\A|[\n.:;(|/\"\]][ \t]{0,3}|(?<![a-z])(?:an?|is|this|pt|patient|the|re|elderly|pleasant|frail"
    r"|white|black)[ ]{1,2})\Z"
)
_WARM = re.compile(r"(?<![a-z])(?:temp(?:erature)?|t|tmax|tm|fever|febrile)(?:[ ](?:of|to|is|was))?[ :.=]{0,3}\Z")
_SPAN = re.compile(
    r"(?:for|over|past|last|next|in|about|of|x|within|than|after|smoked)[ ](?:the[ ](?:past|last)[ ]"
    r"|about[ ]|over[ ])?\Z"
)
_DECADE = re.compile(
    r"(?<![a-z])(?:her|his|their|my)[ ](?:early[ -]|late[ -]|mid[ -]{1,2}|upper[ -])?\Z"
    r"|(?<![a-z])(?:early|late|mid)[ -]{1,2}\Z"
)
_NINETIES = re.compile(r"'?s(?![a-z\d])(?![ ](?:music|bpm|percent|f(?![a-z])|systolic|on[ ]|%))")
_APPOSED = re.compile(r"[A-Za-z'-]*[A-Z][A-Za-z'-]*(?:[ ](?:Jr|Sr)\.?)?(?:,[ ]|[ ]\()\Z")
_AFTER_APPOSED = re.compile(r"\)|,[ ][a-z]")


def ages(view: View) -> Iterator[Candidate]:
    """Ages of 90 to 129 of persons."""
    lower = view.lower
    for digits, start in view.numbers:
        if (
            ((len(digits) == 2 and digits[0] == "9") or (len(digits) == 3 and digits[0] == "1" and digits[1] in "012"))
            and (
                not start
                or lower[start - 1] not in ".,:-/$#"
                or (start > 1 and lower[start - 1] != "$" and not lower[start - 2].isdigit())
            )
            and (end := _age(view, start, start + len(digits)))
        ):
            yield Candidate(start, end, "AGE", Certainty.LABELLED)
    if _UNSAID.isdisjoint(view.vocabulary) and "centenarians" not in view.vocabulary:
        return
    for word, start in view.words:
        if word not in _UNSAID:
            continue
        if (word == "nineties" and _DECADE.search(lower, max(0, start - 16), start)) or word.endswith("narian"):
            yield Candidate(start, start + len(word), "AGE", Certainty.LABELLED)
        elif (match := _WORDS.match(lower, start)) and _age(view, start, match.end()):
            yield Candidate(start, match.end(), "AGE", Certainty.LABELLED)
        elif word in ("ninetieth", "hundredth") and lower.startswith(" birthday", start + len(word)):
            yield Candidate(start, start + len(word), "AGE", Certainty.LABELLED)


def _age(view: View, start: int, end: int) -> int | None:
    """Where the age at start..end ends; None when the number is none."""
    lower, window = view.lower, max(0, start - 48)
    if match := _OLD.match(lower, end):
        return end + (2 if match[0][:2] in ("st", "nd", "rd", "th") else 0)
    if _DECADE.search(lower, window, start) and _NINETIES.match(lower, end):
        return end
    if _SEX.match(lower, end) and _PERSON.search(lower, window, start) and not _WARM.search(lower, window, start):
        return end
    if _SEX_BEFORE.search(lower, window, start) and _CELL_END.match(lower, end):
        return end
    if lower.endswith("at ", 0, start) and _STILL.match(lower, end):
        return end
    if _ALONE.match(lower, end) and not _SPAN.search(lower, window, start):
        return end
    if not _NO_AMOUNT.match(lower, end):
        return None
    if _LABEL.search(lower, window, start) or (_SUBJECT.search(lower, window, start) and _CLOSED.match(lower, end)):
        return end
    if _AFTER_APPOSED.match(lower, end) and _APPOSED.search(view.text, window, start):
        return end
    return None
