"""Codes without a label: what their form, a check digit or their sheer length says that they are.

No measurement in a note has seven digits in a row, and no common code of medicine mixes letters with five digits; public
codes (ICD-10, CPT, LOINC, SNOMED, NDC, trial registers, genes) that do are known by their own labels.
"""

import re
from collections.abc import Iterator

from services.gateway.deidentify import checksums
from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_UNIT = (
    r"(?![ ]?(?:mg|mcg|ug|g|kg|ml|l|iu|units?|u|cells?|copies|cfu|x|/|per|%|meq|ppm|bpm|kcal|steps?"
    r"|dollars|usd|k(?![a-z])|platelets?|organisms)(?![a-z]))"
)
_SSN = re.compile(r"(?<![\w$/.-])\d{3}(?P<sep>[ ]?-[ ]?|[ .])\d{2}(?P=sep)\d{4}(?![\w/]|[-.]\d)")
_SSN_LABEL = re.compile(
    r"(?<![a-z])(?:ssns?|ss[ ]?(?:\#|no|num|number)|s\.s\.(?:n\.?)?|soc(?:ial)?[ "
    r".]{0,2}sec(?:urity)?(?:[ ](?:number|no|num|\#))?|social(?:[ ](?:number|\#))?|tin|itin"
    r"|ss)(?![a-z])\.?"
    r"(?:[ ]?(?:numbers?|no|num|\#)\.?)?(?:[ ]?\([a-z\# ]{1,14}\))?(?:[ ](?:is|was|verified as|on file"
    r"|as|of))?[ \t]{0,4}[:=\#|?(-]{0,2}\s{0,6}(?P<id>(?:[\dx*\u2022]{3}[- .]{0,3}[\dx*\u2022]{2}[- "
    r".]{0,3})\d{4})(?!\w)"
)
_SSN_WORDS = frozenset(("ss", "ssn", "ssns", "s", "soc", "social", "socsec", "tin", "itin"))
_SSN_END = re.compile(
    r"(?<![a-z])(?:ssn|ss\#?|social(?:[ ]security)?(?:[ ]number)?)(?![a-z])(?:[ ]\w{2,8}){0,3}?[ "
    r"](?:ending(?:[ ](?:in|with))?|ends[ ](?:in|with)|last[ ](?:four|4)(?:[ ]digits)?(?:[ ](?:are|is"
    r"|of))?)[ :]{1,3}(?P<id>\d{4})(?!\w)"
    r"|(?<![a-z])last[ ](?:four|4)(?:[ ]digits)?[ ](?:of[ ])?(?:his[ ]|her[ ]|their[ ]|the[ ])?(?:ssn"
    r"|ss|social(?:[ ]security)?(?:[ ]number)?)[ :=]{1,3}(?:is[ ]|are[ ])?(?P<id2>\d{4})(?!\w)"
)
_LAST_FOUR = re.compile(
    r"last(?:[ ]|-)(?:four|4)(?:[ ]digits)?(?:[ ]of[ ](?:your|the|his|her|their)[ ](?:social|ssn?))?\)?[?:=]?"
    r"(?:[ ]\d\d?:\d\d)?(?:[ ][a-z]{2,8}:)?[ ](?P<id>\d{4})(?![\w/]|[-.]\d)"
)
_SSN_MASKED = re.compile(r"(?<![\w*])(?:xxx|\*{3}|\u2022{3})[- .]?(?:xx|\*\*|\u2022{2})[- .]?\d{4}(?!\w)")
_MASK = re.compile(r"xxx|\*\*\*")

_TOKEN = re.compile(
    r"[a-z0-9](?=[a-z./_:-]{0,16}\d)(?<![a-z0-9][a-z0-9])(?:[a-z0-9]|[-_./:](?=[a-z0-9])){4,60}(?![a-z0-9])"
)
_DIGITS = re.compile(rf"(?<![\w$.,/:+-])(?P<id>\d{{7,20}})(?![\w]|[/.,:-]\d){_UNIT}")
_ROUND = re.compile(r"\d{1,3}0{5,}")
_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}([ -])\d{4,6}\1\d{4,5}(?:\1\d{1,4})?(?![\w-])")
_IBAN = re.compile(r"[a-z]{2}(?<![a-z0-9][a-z]{2})\d{2}(?:[ ]?[a-z0-9]{4}){2,7}(?:[ ]?[a-z0-9]{1,4})?(?![a-z0-9])")
_UDI_GS1 = re.compile(r"\(01\)[ ]?\d{14}(?:[ ]?\((?:10|11|17|21|30|240|250|8\d{3}|9\d)\)[ ]?[a-z0-9/_.-]{1,24}){0,6}")
_UDI_RUN = re.compile(r"(?<![\w])01\d{14}(?:1[17]\d{6})(?:(?:10|21)[a-z0-9]{1,20}){1,2}(?![\w])")
_UDI_HIBC = re.compile(
    r"(?<![\w+])\+[a-z]\d{3}[a-z0-9.\-]{2,20}(?:/\$[a-z0-9$+./-]{2,60})?"
    r"|(?<![\w])\+[a-z]\d{3}[a-z0-9]{3,20}/[$+a-z0-9./-]{4,60}"
)
_UDI_ICCBBA = re.compile(r"=/?[a-z]\d{4}[a-z0-9]{3,20}(?:=[,>}%;,a-z0-9]{1,30}){0,4}")
_BLOOD_UNIT = re.compile(r"(?<![a-z0-9])[a-z]\d{4}[ ]?\d{2}[ ]?\d{6}(?:[ ]?\d{2})?(?:[ ][a-z0-9])?(?![a-z0-9])")
_MBI = re.compile(
    r"(?<![\w-])[1-9][ac-hjkmnp-rt-y][0-9ac-hjkmnp-rt-y]\d[- "
    r"]?[ac-hjkmnp-rt-y][0-9ac-hjkmnp-rt-y]\d[- ]?[ac-hjkmnp-rt-y]{2}\d\d(?![\w-])"
)
_UUID = re.compile(r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])")
_OID = re.compile(r"(?<![\d.])(?:1\.2\.8(?:26|40)|2\.16\.840|2\.25)(?:\.\d{1,39}){3,20}(?![\d])")

_GROUPED = re.compile(r"\d{2,}(?:-\d{2,}){2,5}")
# What follows one of these, or looks like it, is a code that everybody shares.
_PUBLIC = re.compile(
    r"(?<![a-z])(?:snomed(?:[ -]?ct)?|loinc|ndc|pmid|pmcid|pmc|rxnorm|rxcui|cpt|hcpcs"
    r"|icd(?:-?1?[09o])?(?:-?cm|-?pcs)?|icd-o|drg|ms-drg|nct|clinicaltrials(?:\.gov)?|doi|isbn|issn"
    r"|atc|cas|unii|gtin|umls|cui|omim|mim|hgnc|ensembl|refseq|dbsnp|clinvar|orpha|mesh|model|part"
    r"|payer id|"
    r"catalog|cat|ref|version|software|guideline|section|form|cfr|article|grant|protocol|lot)(?:[ "
    r"]?(?:code|number|no|num|id|\#))?s?[ .:#-]{0,3}\Z"
)
_SHARED_FORM = re.compile(
    r"rs\d{4,}|n[mrpcgmt]_\d+(?:\.\d+)?(?::.*)?|ens[a-z]?\d+|nct\d{8}|pmc?\d{5,8}"
    r"|[a-z]\d{2}(?:\.[a-z0-9]{1,4})?|[cpgmn]\.\S+|(?:hla|cyp|cd|il|sars|covid|ki|psma|fdg|tc|ct|dsm"
    r"|icd|phq|gad|who|iso|usp|nyha|t\d|c\d|l\d)-.*|\d+(?:\.\d+)?x\d.*"
    r"|(?:\d{1,3}[-./]){1,5}\d{1,3}|\d+(?:[.,]\d+)?[a-z]{1,6}"
    r"|[a-z]{1,5}\d{1,3}(?:[-/][a-z]{0,3}\d{1,3})*|\d{4}-\d{4}|\d{5}-\d{3,4}-\d{1,2}"
    r"|\d{1,5}-\d{1,4}-\d|(?:19|20)\d\d[a-z]{0,3}|\d{1,2}:\d\d(?::\d\d)?(?:am|pm)?(?:-\d{1,2}:\d\d.*)?"
    r"|\d[\d.,]*(?:[-/]\d[\d.,]*)*|\d{1,3}(?:-[a-z]+)+|[a-z]+-\d{1,3}|g\d+p\d+.*|t\d[a-z]?n\d.*"
    r"|\d{1,2}(?:st|nd|rd|th)-.*|(?:[a-z]{2,}-){1,6}[a-z]*\d{0,3}"
)


def labelled_ssns(view: View) -> Iterator[Candidate]:
    """Social security numbers with a label, masked ones and their last four digits included."""
    lower = view.lower
    is_named, has_last = not _SSN_WORDS.isdisjoint(view.vocabulary), "last" in lower
    if is_named:
        for match in _SSN_LABEL.finditer(lower):
            yield Candidate(*match.span("id"), "US_SSN", Certainty.LABELLED)
    if is_named or has_last:
        for match in _SSN_END.finditer(lower):
            yield Candidate(*match.span("id" if match["id"] else "id2"), "US_SSN", Certainty.LABELLED)
    if has_last:
        for word, start in view.words:
            if word == "last" and (told := _LAST_FOUR.match(lower, start)):
                yield Candidate(*told.span("id"), "US_SSN", Certainty.FORMED)
    if _MASK.search(lower):
        for match in _SSN_MASKED.finditer(lower):
            yield Candidate(*match.span(), "US_SSN", Certainty.FORMED)


def formed_codes(view: View) -> Iterator[Candidate]:
    """Codes of a form that only one kind of identifier has."""
    lower = view.lower
    for digits, start in view.numbers:
        if len(digits) == 3 and (match := _SSN.match(lower, start)):
            yield Candidate(*match.span(), "US_SSN", Certainty.FORMED)
        elif len(digits) == 4 and (match := _CARD.match(lower, start)) and checksums.card(re.sub(r"\D", "", match[0])):
            yield Candidate(*match.span(), "ACCOUNT_NUMBER", Certainty.FORMED)
        elif len(digits) > 15 and (match := _UDI_RUN.match(lower, start)):
            yield Candidate(*match.span(), "DEVICE_ID", Certainty.FORMED)
        elif len(digits) == 1 and start + 10 < len(lower) and (match := _MBI.match(lower, start)):
            yield Candidate(*match.span(), "HEALTH_PLAN_NUMBER", Certainty.LABELLED)
        elif len(digits) > 1 and start > 1 and (match := _IBAN.match(lower, start - 2)) and checksums.iban(match[0]):
            yield Candidate(*match.span(), "ACCOUNT_NUMBER", Certainty.FORMED)
        elif (digits in ("1", "2") and (match := _OID.match(lower, start))) or (
            len(digits) == 4 and start and lower[start - 1].isalpha() and (match := _BLOOD_UNIT.match(lower, start - 1))
        ):
            yield Candidate(*match.span(), "ID", Certainty.FORMED)
    if "(01)" in lower:
        for match in _UDI_GS1.finditer(lower):
            yield Candidate(match.start(), match.start() + len(match[0].rstrip(".-/")), "DEVICE_ID", Certainty.LABELLED)
    if "+" in lower or "=" in lower:
        for pattern in (_UDI_HIBC, _UDI_ICCBBA):
            for match in pattern.finditer(lower):
                yield Candidate(
                    match.start(), match.start() + len(match[0].rstrip(".-/,")), "DEVICE_ID", Certainty.LABELLED
                )
    if lower.count("-") > 3:
        for match in _UUID.finditer(lower):
            yield Candidate(*match.span(), "ID", Certainty.FORMED)


def bare_codes(view: View) -> Iterator[Candidate]:
    """Long numbers and mixtures of letters and digits; a check digit tells the kind of some."""
    lower = view.lower
    for digits, start in view.numbers:
        if len(digits) < 7 or not (match := _DIGITS.match(lower, start)):
            continue
        if not _ROUND.fullmatch(digits) and not _PUBLIC.search(lower, max(0, match.start() - 24), match.start()):
            kind, certainty = _kind_of_digits(digits)
            yield Candidate(*match.span("id"), kind, certainty)
    for match in _TOKEN.finditer(lower):
        token = match[0]
        count = sum(map(str.isdigit, token))
        if count < 4 or count == len(token) or (match.start() and lower[match.start() - 1] in "@$#_/.:=+*-"):
            continue
        if (told := _kind_of_token(token, count)) and not _PUBLIC.search(
            lower, max(0, match.start() - 24), match.start()
        ):
            yield Candidate(*match.span(), *told)


def _kind_of_digits(digits: str) -> tuple[str, Certainty]:
    if checksums.npi(digits):
        return "LICENSE_NUMBER", Certainty.FORMED
    if checksums.imei(digits) and digits[0] != "3":
        return "DEVICE_ID", Certainty.FORMED
    if checksums.card(digits):
        return "ACCOUNT_NUMBER", Certainty.FORMED
    return "ID", Certainty.GUESSED


def _kind_of_token(token: str, digits: int) -> tuple[str, Certainty] | None:
    if checksums.mbi(token):
        return "HEALTH_PLAN_NUMBER", Certainty.FORMED
    if len(token) == 17 and token.isalnum() and not set(token) & set("ioq") and digits >= 4:
        return "VEHICLE_ID", Certainty.FORMED if checksums.vin(token) else Certainty.GUESSED
    if checksums.dea(token):
        return "LICENSE_NUMBER", Certainty.FORMED
    if ":" in token or "/" in token:
        return None
    if _GROUPED.fullmatch(token) and digits > 7:
        return "ID", Certainty.GUESSED
    least = 4 if "_" in token else 6 if "." in token else 5
    if digits < least or _SHARED_FORM.fullmatch(token) or not any(map(str.isalpha, token)):
        return None
    return "ID", Certainty.GUESSED
