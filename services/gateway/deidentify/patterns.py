"""Patterns of identifiers that have a form. `%NAME%` stands for the fragment of that name.

What is taken out is the group `id`, or without one the whole match. Context ("MRN", "DOB") is part of a pattern;
(?i) stands where letter case carries nothing. Order carries nothing: overlaps are merged.
"""

import regex  # type: ignore[import-untyped]

from services.gateway.deidentify.vocabulary import STATES

_FRAGMENTS = {
    "NAME": r"\p{Lu}[\p{L}'\u2019]*\p{L}(?:-\p{Lu}\p{L}+)?",
    "MONTH": (
        r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
        r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
    ),
    "LONG_MONTH": r"(?i:january|february|april|june|july|august|september|october|november|december)",
    "MM": r"(?:0?[1-9]|1[0-2])",
    "DD": r"(?:0?[1-9]|[12]\d|3[01])",
    "YYYY": r"(?:19|20)\d\d",
    "TH": r"(?i:st|nd|rd|th)?",
    "OVER_89": r"(?:9\d|1[0-4]\d)",  # 45 CFR 164.514(b)(2)(i)(C)
    "NINETY": (
        r"(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
        r"|(?:a|one) hundred(?:[- ](?:and )?(?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
    ),
    "OCTET": r"(?:25[0-5]|2[0-4]\d|1?\d?\d)",
    "HEX": r"[0-9a-f]{1,4}",
    "LABEL": r"(?:\s*(?:number|no\.?|num\.?|id|\#))*\s*(?:is|was|[:=\#])?\s*\#?\s*",
    "CODE": r"(?P<id>(?=[a-z-]*\d)[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?)\b",
    "EXTENSION": r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?",
    "STREET": (
        r"(?i:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|way|terrace|circle"
        r"|parkway|pkwy|highway|hwy|square|sq)\b\.?"
    ),
    "STATE": "(?:" + "|".join(sorted(STATES)) + ")",
    "URL_REST": r"[^\s<>\"]*[^\s<>\".,;:!?)]",
    "RELATION": (
        r"(?i:wife|husband|daughter|son|mother|father|mom|dad|sister|brother|aunt|uncle|grandson|granddaughter|partner"
        r"|fianc[eé]e?|nurse|roommate|caregiver|neighbou?r)"
    ),
    "CREDENTIAL": r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|L\.?P\.?N|Ph\.?D|D\.?D\.?S|CRNA|LCSW|OTR|FNP|APRN)\b",
    "DONE_BY": r"(?i:seen|treated|examined|evaluated|referred|signed|dictated|reviewed|performed|written|called) by",
    "DOES": (
        r"(?:is|was|has|had|an?|\d+|presented|presents|reports|reported|complains|complained|denies|denied|states|stated"
        r"|came|arrived|underwent|called|seen|admitted|discharged)"
    ),
    "NUMBERED": (
        r"(?:account|acct|policy|member|subscriber|group|plan|medicare|medicaid|insurance|licen[cs]e(?: plate)?|plate"
        r"|dea|npi|certificate|passport|serial|device|lot|udi|vin|case|accession|encounter|badge)"
    ),
    "BEFORE_DATE": (
        r"(?:on|since|until|from|dated?|through|thru|before|after|dob|admitted|discharged|seen|scheduled|due|by)"
    ),
    "HOLIDAY": (
        r"(?:christmas(?: eve)?|thanksgiving|new year['\u2019]?s(?: eve| day)?|labor day|memorial day|halloween|easter)"
    ),
}

_PATTERNS: dict[str, tuple[str, ...]] = {
    "EMAIL_ADDRESS": (r"(?i)[\p{L}0-9._%+'-]{1,64}@(?:[\p{L}0-9-]{1,63}\.){1,8}\p{L}{2,24}",),
    "URL": (
        r"(?i)\b(?:(?:https?|ftp)://|www\.)%URL_REST%",
        r"(?i)(?<![\w@.])(?:[a-z0-9-]{2,63}\.){1,4}(?:com|org|net|edu|gov|io|health|info)\b(?:/%URL_REST%)?",
    ),
    "IP_ADDRESS": (
        r"(?<![\d.])(?:%OCTET%\.){3}%OCTET%(?![\d.]*\d)",
        r"(?i)(?<![\w:])(?:%HEX%:){7}%HEX%(?![\w:])",
        r"(?i)(?<![\w:])(?:%HEX%:){1,6}:(?:%HEX%(?::%HEX%){0,5})?(?![\w:])",
    ),
    "US_SSN": (
        r"(?<![\d-])\d{3}[- .]\d{2}[- .]\d{4}(?![\d-])",
        r"(?i)\b(?:ssn|social security)%LABEL%(?P<id>[\dx*]{3}[- ]?[\dx*]{2}[- ]?\d{4})\b",
        r"(?i)\b(?:ssn|social security)(?:\s+\w+){0,3}?\s+(?:ending(?: in)?|last four)\s*:?\s*(?P<id>\d{4})\b",
    ),
    "PHONE_NUMBER": (
        r"(?<![\d-])(?:\+?1[-. ]?)?(?:\(\d{3}\)\s?|\d{3}[-. /])\d{3}[-. ]\d{4}(?!\d)%EXTENSION%",
        r"(?<![\d.-])[2-9]\d{2}[-.]\d{4}(?![\d-])%EXTENSION%",
        r"(?<!\w)\+\d{1,3}[-. ]?(?:\(?\d{1,4}\)?[-. ]?){2,5}\d{2,4}(?!\d)",
        r"(?i)\b(?:phone|tel|telephone|fax|facsimile|cell|mobile|pager|beeper|callback|ext|extension)%LABEL%"
        r"(?P<id>\+?\(?\d[\d().\- ]{2,18}\d)",
    ),
    "MEDICAL_RECORD_NUMBER": (
        r"(?i)\b(?:mrn|medical rec(?:ord)?|chart|(?:hospital|patient|unit|record) (?=id|no|number|\#))%LABEL%%CODE%",
    ),
    "ID": (
        r"(?i)\b%NUMBERED%(?:\s+id)?\s*(?:number|no\.?|num\.?|id|\#|[:=])(?:\s*(?:number|no\.?|is|was|[:=\#]))*\s*"
        r"(?P<id>(?=[a-z-]*\d)[a-z0-9][a-z0-9-]{3,24})\b",
        r"(?i)\b(?:npi|dea|vin|udi)\s+%CODE%",
        r"(?<![\w.,/-])\d{7,}(?![\w/]|[.,]\d)",  # no measurement in a note has seven digits in a row
        r"\b[A-Z]{1,3}\d{6,}\b",
        r"\b\d[A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}\b",  # Medicare beneficiary identifier
    ),
    "ZIP_CODE": (
        r"\b%STATE%[ ,.]+(?P<id>\d{5}(?:-\d{4})?)\b",
        r"(?i)\b(?:zip|postal code)\s*(?:is|code|[:=\#])*\s*(?P<id>\d{5}(?:-\d{4})?)\b",
        r"(?<![\d-])\d{5}-\d{4}(?![\d-])",
    ),
    "AGE": (
        r"(?i)\b(?P<id>%OVER_89%)(?:[- ]?(?:year|yr)s?[- ]?(?:old|of age)\b|[- ]?y\.?\s?/?o\b)",
        r"\b(?P<id>%OVER_89%)(?:[- ]?yo)?[MF]\b",
        r"(?i)\b(?:age|aged|turned|turning)\s*(?:of|is|[:=])?\s*(?P<id>%OVER_89%)\b(?!\s*(?:%|mg|kg|/))",
        r"(?i)\b(?P<id>%NINETY%)[- ]years?[- ]old\b",
        r"(?i)\b(?:her|his|their|late|early|mid)[- ](?P<id>nineties|90['\u2019]?s)\b",
    ),
    "DATE": (
        r"\b%MM%([/.-])%DD%\1(?:%YYYY%|\d\d)\b(?![./-]?\d)",
        r"\b%DD%([/.-])%MM%\1%YYYY%\b",
        r"\b%YYYY%([/.-])%MM%\1%DD%(?:T[\d:.]+Z?)?\b",
        r"\b%MM%[/-]%YYYY%\b",
        r"(?i)\b%BEFORE_DATE%\s*:?\s+(?P<id>%MM%[/-]%DD%)\b"
        r"(?![/.-]?\d|\s*(?:strength|tablet|tab|dose|pain|points?|m[lg]))",
        r"\b%MONTH%\s*%DD%%TH%\b(?:,?\s+%YYYY%\b)?",
        r"\b%DD%%TH%\s*(?:of\s+|-)?%MONTH%(?:[,-]?\s*%YYYY%\b)?(?!\w)",
        r"\b%MONTH%(?:\s+of)?,?\s+%YYYY%\b",
        r"\b%LONG_MONTH%\b",
        r"\b(?i:in|since|last|next|early|late|mid|until|of|this|by|from|during)[ -](?P<id>March|May)\b",
        r"(?i)\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|%HOLIDAY%)(?!\w)",
        r"(?i)\b(?:dob|d\.o\.b\.|date of birth|born(?: on)?)\s*:?\s*(?P<id>\d[\d/. -]{3,12}\d)\b",
    ),
    "LOCATION": (
        r"\b\d{1,6}\s+(?:[NSEW]\.?\s+)?(?:%NAME%\s+|\d{1,3}(?:st|nd|rd|th)\s+){1,3}%STREET%"
        r"(?:,?\s*(?i:apt|unit|suite|ste|\#)\.?\s*\#?\w{1,5}\b)?",
        r"(?i)\bP\.?\s?O\.?\s+box\s+\d+",
        r"(?:\b%NAME%\s+){1,3}(?:Hospital|Clinic|Medical Center|Health Center|Nursing Home|Hospice)\b",
    ),
    "PERSON": (
        r"\b(?:Dr|Mr|Mrs|Ms|Mx|Miss|Prof|Professor|Doctor|DR|MR|MRS|MS|Rev|Sgt|Capt)\b\.?\s+"
        r"(?P<id>(?:\p{Lu}\.\s*)*%NAME%(?:[ \t]+(?:\p{Lu}\.[ \t]+)?%NAME%){0,2})",
        r"(?i)\b(?:mr|mrs|ms|miss)\b\.?\s+(?P<id>\p{L}[\p{L}'\u2019-]+)",
        r"\b%RELATION%(?:,|\s+(?:is|was))?(?:\s+named)?\s+(?P<id>%NAME%(?:[ \t]+%NAME%)?)",
        r"\b%DONE_BY%\s+(?P<id>%NAME%(?:[ \t]+%NAME%)?)",
        r"\b(?i:(?:spoke|spoken|talked|discussed|met|conversation|call) (?:with|to)|thank(?:s| you)?(?: to|,)?)\s+"
        r"(?P<id>%NAME%(?:[ \t]+%NAME%)?)",
        r"\b(?i:patient|pt)\s+(?P<id>%NAME%[ \t]+%NAME%)",
        r"(?m)^[ \t]*(?P<id>%NAME%,[ \t]%NAME%(?:[ \t]\p{Lu}\b\.?)?)(?=,?[ \t]+%DOES%\b)",  # Smith, Emily K. was
        r"\b(?i:patient|pt|client|name|contact)(?:'s)?(?:\s+name)?\s*(?:is|:|=|,)\s*"
        r"(?P<id>%NAME%(?:,?[ \t]+(?:\p{Lu}\.|%NAME%)){0,2})",
        r"(?<!\w)(?P<id>(?:%NAME%|\p{Lu}\.)(?:[ \t]+(?:\p{Lu}\.|%NAME%)){0,3}),?[ \t]+%CREDENTIAL%",
    ),
}


def _expand(pattern: str) -> str:
    expanded = regex.sub("%([A-Z0-9_]{2,})%", lambda match: _FRAGMENTS[match[1]], pattern)
    return expanded if expanded == pattern else _expand(expanded)


def compiled_patterns() -> dict[str, list[regex.Pattern[str]]]:
    """The patterns of each entity type that has any."""
    return {kind: [regex.compile(_expand(each)) for each in patterns] for kind, patterns in _PATTERNS.items()}
