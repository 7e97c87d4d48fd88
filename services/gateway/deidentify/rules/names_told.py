"""Single words that are names by a list, in small letters too, where the words before them speak of a person.

"daughter karen", "seen by okafor", "per Kim", "RN Tamika", "f/u with Brennan". The lists are the recogniser's.
"""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.rules.months import MONTHS, WEEKDAYS
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import (
    CLINICAL_WORDS,
    COMMON_WORDS,
    EPONYMS,
    NAME_PARTICLES,
    STATE_NAMES,
    word_lists,
)

_CHILDREN_AND_PARENTS = ("daughter", "son", "mother", "father", "mom", "dad", "child")
_RELATIVE = (
    rf"(?:(?:step|grand|god|foster )?(?:{'|'.join(_CHILDREN_AND_PARENTS)})|wife|husband|spouse|sister|brother|aunt"
    r"|uncle|niece|nephew|cousin|grandma|grandpa|partner|girlfriend|boyfriend|fiancee?|roommate|caregiver|caretaker"
    r"|neighbou?r|friend|guardian|dtr|hcp|poa|nok|hcpoa|emergency contact)"
)
_ROLE = (
    r"(?:drs?|mrs?|ms|miss|doctor|nurse|rn|lpn|lvn|cna|np|pa|pa-c|md|do|pcp|attending|resident|fellow|intern|hospitalist"
    r"|surgeon|physician|provider|anesthesiologist|cardiologist|oncologist|neurologist|radiologist|pathologist"
    r"|psychiatrist|psychologist|therapist|counselor|midwife|doula|dentist|pharmacist|scribe|interpreter|chaplain"
    r"|social worker|sw|case manager|rt|pt|ot|slp|tech|sitter|medic|student|officers?|consultant|patient|client|sponsor"
    r"|skipper|coach|supervisor|deput(?:y|ies)|trooper|scrub|circ(?:ulator)?|anes|notary|receptionist|roommates?|neighbou?rs?)"
)
# "Peds: Wexler", "cards Bose": the specialty stands for its doctor.
_SPECIALTY = (
    r"(?:peds|endo|renal|nephro|cards|gi|id|surg|ortho|neuro|onc|heme|pulm|derm|ophtho|uro|urology|psych|im|ob|rad|ent)"
)
_DONE_BY = (
    r"(?:seen|evaluated|examined|assessed|followed|managed|treated|ordered|prescribed|referred|performed|done|placed"
    r"|inserted|removed|drawn|read|interpreted|reviewed|signed|cosigned|dictated|written|entered|given|administered"
    r"|witnessed|verified|accompanied|called|paged|staffed|covered|supervised|recommended|requested|approved|accepted"
    r"|sent|brought in|cared for|delivered|taken|intubated|extubated|cannulated|sutured|debrided|dispensed|interviewed"
    r"|counsell?ed|consented|triaged|transported|escorted|recorded|pronounced|repaired|scrubbed|assisted|notified|phoned)"
    r"(?:[ ]electronically)?[ ]by"
)
_WITH = (
    r"(?:(?:spoke|spoken|speak|talked|talk|discussed|reviewed|met|conferred|visit|appt|appointment|f/u|follow[ -]?up"
    r"|session|staffed|call|conversation)[ ](?:with|w/|to)|[ds]/w|signed[ ]out[ ]to|handed[ ]off[ ]to|under the care of"
    r"|care of|c/o dr|per|thanks|thank you|consulted|signed|covering|attn|cc|regards|sincerely|dear)"
)
_TITLE = r"(?:(?:dr|mr|mrs|ms)\.?[ ])?"
_TOLD = re.compile(
    rf"(?<![a-z])(?:(?P<relative>{_RELATIVE})(?:'s)?(?:[ ](?:is|named|called|name is))?(?:,[ ]|:[ ]|[ ]\(|[ ])"
    rf"|(?P<specialty>{_SPECIALTY})(?:[ ](?:is[ ])?|:[ ])"
    rf"|{_ROLE}(?:(?<=r)\.|(?<=rs)\.|(?<=ms)\.)?(?:[ ]is)?[ :,]{{1,2}}|(?P<done>{_DONE_BY})[: ]{{1,2}}"
    rf"|(?P<by>[a-z]{{3,}}(?:ed|en|wn)[ ]by)[: ]{{1,2}}|{_WITH}[:,]?\s)"
    rf"{_TITLE}(?P<id>(?:[a-z]\.?[ ]){{0,2}}(?:[od]')?(?:(?:{'|'.join(sorted(NAME_PARTICLES))})[ ]){{0,2}})\Z"
)
_LEADS = frozenset(
    (
        *re.findall("[a-z]+", f"{_RELATIVE} {_ROLE} {_SPECIALTY} {_TITLE} by is named called out off care you w d s"),
        *(f"{prefix}{relative}" for prefix in ("step", "grand", "god") for relative in _CHILDREN_AND_PARENTS),
        *("neighbor", "neighbour", "fiance", "fiancee", "with", "to", "of", "per", "thanks", "consulted", "signed"),
        *("covering", "attn", "cc", "regards", "sincerely", "dear"),
        *("officers", "roommates", "neighbors", "neighbours", "deputy", "deputies", "circ", "circulator"),
    )
)
"""The last word of each of these, which is looked at first."""
_NEXT = re.compile(r"[ ](?:[a-z]\.?[ ])?(?P<word>[a-z]+(?:['-][a-z]+)?)")
# "Kim stage", "Murphy sign": named after somebody.
_NAMED_AFTER = re.compile(
    r"(?:'s?)?[ ](?:signs?|test|disease|syndrome|catheter|score|scale|criteria|stage|grade|classification|procedure"
    r"|fracture|tube|drain|line|valve|stent|stain|reflex|phenomenon|maneuver|palsy|lymphoma|sarcoma|tumor|protocol|pump)"
    r"(?![a-z])"
)
_NEVER = (CLINICAL_WORDS | COMMON_WORDS | EPONYMS | MONTHS.keys() | WEEKDAYS | STATE_NAMES) - {"st"}


class NamesTold:
    """Holds the lists of words."""

    def __init__(self) -> None:
        self._lists = word_lists()

    def __call__(self, view: View) -> Iterator[Candidate]:
        """Words that the list of names has, or capitalised ones that no list has, after words that lead to a person."""
        lower, text = view.lower, view.text
        end, leads = 0, False
        for word, start in view.words:
            led, leads = leads, word in _LEADS or (leads and (len(word) == 1 or word in NAME_PARTICLES))
            if not led or start < end or len(word) < 2 or word in _NEVER or word in self._lists.no_names:
                continue
            told = _TOLD.search(lower, max(0, start - 44), start)
            if told is None or not self._is_name(word, text[start : start + len(word)], told):
                continue
            if _NAMED_AFTER.match(lower, start + len(word)):
                continue
            first = told.start("id") if told["id"] else start
            end = self._last(view, start, start + len(word))
            yield Candidate(first, end, "PERSON", Certainty.LEARNT)

    def _is_name(self, word: str, written: str, told: re.Match[str]) -> bool:
        """Whether the word after what tells of a person is a name of one; it is none of those that never are."""
        if word in self._lists.names:
            return True
        title_case = written[0].isupper() and not written[1:].isupper()
        if told["specialty"] or told["by"]:
            return False
        if word in self._lists.given:
            return title_case
        return title_case or (len(word) > 2 and told["done"] is not None) or bool(told["id"])

    def _goes_on(self, word: str, capital: bool) -> bool:
        if capital and word in EPONYMS:
            return True
        return word not in _NEVER and (word in self._lists.names or (capital and word not in self._lists.no_names))

    def _last(self, view: View, start: int, end: int) -> int:
        """Where the name ends: with the words after it that are names as well."""
        capital = view.text[start].isupper()
        while view.lower[end : end + 1] in ("'", "-") and (part := re.compile("['-][a-z]{2,}").match(view.lower, end)):
            if part[0] == "'s":
                break
            end = part.end()
        for _ in range(2):
            after = _NEXT.match(view.lower, end)
            if after is None or view.text[after.start("word")].isupper() != capital:
                break
            word = after["word"]
            if not self._goes_on(word, capital) or _NAMED_AFTER.match(view.lower, after.end()):
                break
            end = after.end()
        return end
