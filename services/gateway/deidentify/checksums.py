"""Check digits of the identifiers that have them. They tell the type of a number that stands without a label.

A number that fails is not thereby harmless: with a label, or of an unmistakable form, it is taken out all the same.
"""

import re

_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_MBI_LETTER = "[AC-HJKMNP-RT-Y]"
_MBI = re.compile(
    "[1-9]L[0-9L]\\d-?L[0-9L]\\d-?LL\\d\\d".replace("L]", "AC-HJKMNP-RT-Y]").replace("L", _MBI_LETTER), re.IGNORECASE
)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: cards, IMEI, and with a prefix the NPI."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def npi(digits: str) -> bool:
    """National Provider Identifier, 45 CFR 162.406: ten digits, Luhn over them after the prefix 80840."""
    return len(digits) == 10 and digits[0] in "12" and luhn("80840" + digits)


def dea(code: str) -> bool:
    """Registration number of the Drug Enforcement Administration: two characters, six digits, their check digit."""
    if not re.fullmatch("[A-Za-z][A-Za-z9][0-9]{7}", code):
        return False
    digits = [int(digit) for digit in code[2:]]
    odd, even = sum(digits[0:6:2]), sum(digits[1:6:2])
    return (odd + 2 * even) % 10 == digits[6]


def vin(code: str) -> bool:
    """Vehicle identification number, 49 CFR 565.15(c): 17 characters, the ninth checks the others."""
    code = code.upper()
    if not re.fullmatch("[A-HJ-NPR-Z0-9]{17}", code):
        return False
    total = sum(
        weight * (int(each) if each.isdigit() else _VIN_VALUES[each])
        for weight, each in zip(_VIN_WEIGHTS, code, strict=True)
    )
    return code[8] == "0123456789X"[total % 11]


def mbi(code: str) -> bool:
    """Medicare Beneficiary Identifier: the form that CMS gives it, with or without its two dashes."""
    return _MBI.fullmatch(code) is not None


def ssn(digits: str) -> bool:
    """A social security number that can have been issued: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    return (
        len(digits) == 9
        and digits[:3] not in ("000", "666")
        and digits[0] != "9"
        and digits[3:5] != "00"
        and digits[5:] != "0000"
    )


def aba(digits: str) -> bool:
    """Routing number of a bank, with the weights 3, 7, 1."""
    return len(digits) == 9 and sum(int(d) * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0


def iban(code: str) -> bool:
    """International bank account number, ISO 13616: remainder 1 modulo 97."""
    code = re.sub("[ -]", "", code).upper()
    if not re.fullmatch("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", code):
        return False
    return int("".join(str(int(each, 36)) for each in code[4:] + code[:4])) % 97 == 1


def card(digits: str) -> bool:
    """A payment card: 13 to 19 digits, a first digit that card networks use, Luhn."""
    return 13 <= len(digits) <= 19 and digits[0] in "3456" and luhn(digits)


def imei(digits: str) -> bool:
    """International mobile equipment identity: 15 digits, Luhn."""
    return len(digits) == 15 and luhn(digits)
