"""Names of persons where the words around them say so: titles, relatives, credentials, headings, "seen by", user names.

The neural recogniser finds names anywhere; these rules don't let it miss the plain cases.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import CLINICAL_WORDS, COMMON_WORDS, STATE_NAMES, STATES, word_lists

# One word of a name, capitalised: O'Brien, McDonald, Jean-Luc, D'Angelo, de la Cruz with what stands before it.
_PART = (
    r"(?:(?:de la|de los|del|de|da|dos|du|di|la|le|van der|van den|van|von|der|bin|al|el|ter|st\.?"
    r"|St\.?|Mc|Mac)[ ])?(?:[A-Z]['.]|[A-Za-z]{1,3}')?[A-Z][A-Za-z]+(?:['-][A-Za-z]+){0,2}"
)
_INITIAL = r"[A-Z]\b\.?"
_SUFFIX = r"(?:,?[ ](?:Jr|Sr|JR|SR|II|III|IV)\b\.?)?"
_FULL = rf"(?:{_INITIAL}[ ]?){{0,2}}{_PART}(?:[ \t](?:{_INITIAL}(?=[ ])[ ])?{_PART}){{0,3}}{_SUFFIX}"
_LAST_FIRST = rf"{_PART}(?:[ ]{_PART})?,[ ]?{_PART}(?:[ ](?:{_INITIAL}|{_PART})){{0,2}}{_SUFFIX}"
_ANY = rf"(?:{_LAST_FIRST}|{_FULL})"

_DOCTOR = r"(?:(?:Dr|Mr|Mrs|Ms|Miss|dr|mr|mrs|ms|DR|MR|MRS|MS|Nurse|nurse)\.?[ ])?"
_TITLES = (
    "dr drs mr mrs ms mx miss prof professor doctor rev fr sgt capt lt col ofc officer det detective "
    "nurse sister judge rabbi pastor father deputy trooper "
    "chaplain attending resident fellow physician surgeon"
)
_RELATIVES = (
    "wife husband spouse daughter son mother father mom mum dad sister brother aunt uncle niece "
    "nephew cousin grandson granddaughter grandmother grandfather grandma "
    "grandpa grandchild partner girlfriend boyfriend fiance fiancee roommate caregiver caretaker "
    "neighbor neighbour friend guardian stepson stepdaughter stepmother "
    "stepfather stepmom stepdad law husbands dtr gf bf fob poa hcp nok kin contact proxy other ex twin"
)
_DONE = (
    "seen treated examined evaluated referred signed dictated transcribed reviewed performed written "
    "called prepared authored interpreted read verified administered "
    "entered collected completed ordered requested witnessed approved cosigned accompanied delivered "
    "assisted attested documented supervised accepted"
)
_TOLD = "spoke spoken talked discussed met conversation call consulted reviewed conferred d s"
_GREETED = "dw sw thank thanks cc attn attention dear regards sincerely hello paged notified informed"
_HEADS = (
    "patient pt client resident member subscriber insured guarantor policyholder holder contact kin "
    "nok mother father parent guardian spouse employee provider physician "
    "attending surgeon assistant anesthesiologist anesthetist radiologist pathologist prescriber pcp "
    "md consultant fellow nurse author signed dictated transcribed cc to from re attn "
    "name names aka alias interpreter witness donor recipient subject caller requested reviewer "
    "technologist tech sonographer therapist worker manager caseworker pharmacist "
    "dentist user sender counsel attorney lawyer teacher coach student child infant baby mom dad poa "
    "hcp proxy by rn md np pa doctor dr wife husband son daughter"
)
_AFTER: Mapping[str, str] = {
    _TITLES: rf"\w+\b\.?[ \t]{{1,2}}(?P<id>{_FULL})",
    _RELATIVES: rf"\w+(?:,[ ]|[ ]?\([ ]?|:[ ]|[ ](?:is[ ]|was[ ]|named[ ]|name[ ]is[ ]|called[ ]|,[ ])?){_DOCTOR}(?P<id>{_FULL})",
    _DONE: rf"\w+[ ](?i:electronically[ ])?(?i:by)[ :]{{1,3}}{_DOCTOR}(?P<id>{_ANY})",
    _TOLD: rf"(?:[ds]/w|\w+[ ](?:with|w/|to|today with))[ ]{_DOCTOR}(?P<id>{_FULL})",
    _GREETED: rf"\w+(?:[ ](?:you|to|you to|by))?[,:]?\s{{1,3}}{_DOCTOR}(?P<id>{_FULL})",
    _HEADS: rf"(?<!(?i:allergic)[ ])\w+(?:'s)?(?:[ ](?i:name|by))?(?:\(s\))?[ \t]{{0,6}}[:=|][ \t]{{0,12}}{_DOCTOR}(?P<id>{_ANY})",
    "named called nicknamed formerly nee aka": rf"\w+[ ](?P<id>{_FULL})",
    "name my this it i known goes": rf"(?i:name[ ]is|my[ ]name(?:'s|[ ]is)|this[ ]is|it[ ]was"
    rf"|i[ ]am|i'm|known[ ]as|goes[ ]by)[ ](?P<id>{_FULL})",
    "patient pt client": rf"\w+[ ](?P<id>(?=[A-Z][a-z']){_PART}[ ](?:{_INITIAL}[ ])?(?=[A-Z][a-z']|[Mdv]){_PART}{_SUFFIX})",
}
_LOWER_TITLE = re.compile(r"\w+\.?[ ](?P<id>[a-z]{2,}(?:['-][a-z]{2,})?)")
_ALSO_DOCTOR = re.compile(rf"(?:,[ ]|[ ]and[ ]|[ ]&[ ]|/)(?P<id>{_PART})")
_CREDENTIALS = frozenset(
    listed(
        "md do rn np pa lpn lvn phd pharmd dds dmd dpm dpt crna cnm cna lcsw lmsw msw lpc lmft otr fnp "
        "aprn dnp bsn msn rph rrt ccrn mbbs mph facs facp facc psyd slp ccc rd rdn esq anp agnp pmhnp "
        "crnp arnp pt ot od ma emt m d r n p"
    )
)
_CREDENTIAL = re.compile(
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A|L\.?P\.?N|L\.?V\.?N|Ph\.?D|Pharm\.?D|D\.?D\.?S|D\.?M\.?D"
    r"|D\.?P\.?M|D\.?P\.?T|CRNA|CNM|CNA|LCSW|LMSW|MSW|LPC|LMFT|OTR|FNP|APRN|DNP|BSN|MSN|RPh|RRT|CCRN"
    r"|MBBS|MPH|FACS|FACP|FACC|PsyD"
    r"|SLP|CCC|RD|RDN|Esq|ANP|AGNP|PMHNP|CRNP|ARNP|PT|OT|OD|MA|EMT)\b"
)
_BEFORE_CREDENTIAL = re.compile(rf"(?<![A-Za-z'-])(?P<id>{_LAST_FIRST}|{_FULL}),?[ \t]{{1,2}}\Z")
_LIST_NAME = re.compile(
    r"[ \t]*(?P<id>[A-Z][A-Za-z'-]+,[ ][A-Z][A-Za-z'-]+(?:[ ][A-Z]\b\.?)?)(?=[ \t]*(?:$|[\n|\t/;(]"
    r"|,?[ ](?:is|was|has|had|an?|\d+|presented|presents|reports|came|arrived|underwent|called|seen"
    r"|admitted|MRN|DOB)\b))"
)
_NEVER = CLINICAL_WORDS | COMMON_WORDS
_WORDS = re.compile(r"[A-Za-z][A-Za-z'.-]*")


class Names:
    """Holds the patterns by the word that they begin with."""

    def __init__(self) -> None:
        self._after: dict[str, list[re.Pattern[str]]] = defaultdict(list)
        for words, pattern in _AFTER.items():
            compiled = re.compile(pattern)
            for word in words.split():
                self._after[word].append(compiled)
        self._no_names = word_lists().no_names
        self._titles = frozenset(_TITLES.split()[:9])

    def __call__(self, view: View) -> Iterator[Candidate]:
        """Names that the words around them tell."""
        text, lower = view.text, view.lower
        for word, start in view.words:
            for pattern in self._after.get(word, ()):
                if (match := pattern.match(text, start)) and (span := name_within(text, *match.span("id"))):
                    yield Candidate(*span, "PERSON", Certainty.LEARNT)
                    if word == "drs" and (more := _ALSO_DOCTOR.match(text, span[1])):
                        yield Candidate(*more.span("id"), "PERSON", Certainty.LEARNT)
            if (
                word in self._titles
                and not lower[max(0, start - 2) : start].strip()[-1:].isdigit()
                and (match := _LOWER_TITLE.match(lower, start))
                and match["id"] not in _NEVER
                and match["id"] not in self._no_names
            ):
                yield Candidate(*match.span("id"), "PERSON", Certainty.LEARNT)
            if word in _CREDENTIALS and _CREDENTIAL.match(text, start):
                match = _BEFORE_CREDENTIAL.search(text, max(0, start - 60), start)
                if match and (span := name_within(text, _after_common(text, *match.span("id")), match.end("id"))):
                    yield Candidate(*span, "PERSON", Certainty.LEARNT)
        yield from self._listed(text)

    @staticmethod
    def _listed(text: str) -> Iterator[Candidate]:
        """ "Smith, Emily K. was …" at the start of a line."""
        if "," not in text:
            return
        start = 0
        while True:
            if match := _LIST_NAME.match(text, start):
                span = name_within(text, *match.span("id"))
                if span and match["id"].rpartition(" ")[2] not in STATES and not _is_state(match["id"]):
                    yield Candidate(*span, "PERSON", Certainty.LEARNT)
            start = text.find("\n", start) + 1
            if start == 0:
                return


def _is_state(listed: str) -> bool:
    """Whether what stands after the comma is a state: "Flagstaff, Arizona"."""
    return listed.partition(", ")[2].lower() in STATE_NAMES


def _names_nobody(text: str, start: int, end: int) -> bool:
    """Whether every word is one of those that no list of names has: "Medical Records"."""
    no_names = word_lists().no_names
    return all(word[0].lower() in no_names for word in _WORDS.finditer(text, start, end))


def _after_common(text: str, start: int, end: int) -> int:
    """Where the name begins: after the last word that can't be in one, as in "FROM THE DESK OF MARY LEE, RN"."""
    before = [
        word.end() for word in _WORDS.finditer(text, start, end) if len(word[0]) > 1 and word[0].lower() in _NEVER
    ]
    return min(before[-1] + 1, end) if before else start


def name_within(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The stretch up to the first word that can't be in a name; None where nothing is left."""
    last = None
    for word in _WORDS.finditer(text, start, end):
        plain = word[0].strip(".'").lower()
        if plain in _NEVER and (len(plain) > 1 or (last is None and word[0] in ("I", "A"))):
            if last is None:
                return None
            break
        last = word
    if last is None or _names_nobody(text, start, last.end()):
        return None
    stop = last.end()
    if stop < end and text[stop - 1] != "." and last[0].lower() in ("jr", "sr") and text[stop] == ".":
        stop += 1
    while text[stop - 1] in ".-'" and not re.search(r"(?:\b[A-Z]|Jr|Sr|JR|SR)\.$", text[start:stop]):
        stop -= 1
    return start, stop
