"""Shifts dates by an offset of the subject's own, so that the intervals between its dates stay."""

import hashlib
import hmac
import re
from datetime import date, timedelta

from services.gateway.deidentify import Scope

_DAYS = 365
"""Dates move by 1 to this many days, into the past or the future."""
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMES = "|".join(sorted({*_MONTHS, *(name[:3] for name in _MONTHS), "sept"}, key=len, reverse=True))
_MDY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)")
_YMD = re.compile(r"(\d{4})([/.-]?)(\d\d)\2(\d\d)")
_NAMED = re.compile(rf"({_NAMES})(\.?[ ])(\d{{1,2}})((?:st|nd|rd|th)?,?[ ])(\d{{4}})", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(\d{{1,2}})([ -]?)({_NAMES})(\.?,?[ -]?)(\d{{4}})", re.IGNORECASE)


class DateShift:
    """The offset is HMAC-SHA-256 of the subject: nobody without the key knows it, and nothing has to be stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, value: str, scope: Scope) -> str | None:
        """The shifted date in the form that `value` has; None when it can't be read for sure, or has no year."""
        try:
            return _shifted(value.strip(), timedelta(days=self._offset(scope)))
        except (ValueError, OverflowError):
            return None

    def _offset(self, scope: Scope) -> int:
        said = (
            f"date_shift\0subject\0{scope.subject}"
            if scope.subject
            else f"date_shift\0conversation\0{scope.conversation}"
        )
        drawn = int.from_bytes(hmac.digest(self._key, said.encode("utf-8", "surrogatepass"), hashlib.sha256)[:8], "big")
        offset = drawn % (2 * _DAYS) - _DAYS
        return offset if offset < 0 else offset + 1


def _shifted(value: str, offset: timedelta) -> str | None:
    if match := _MDY.fullmatch(value):
        first, mark, second, year = match[1], match[2], match[3], match[4]
        day_first = (mark == "." and int(second) <= 12) or int(first) > 12
        month, day = (second, first) if day_first else (first, second)
        moved = date(_century(int(year)) if len(year) == 2 else int(year), int(month), int(day)) + offset
        parts = [_like(moved.month, month), _like(moved.day, day)]
        shown = f"{moved.year % 100:02}" if len(year) == 2 else f"{moved.year:04}"
        return mark.join((*(reversed(parts) if day_first else parts), shown))
    if match := _YMD.fullmatch(value):
        moved = date(int(match[1]), int(match[3]), int(match[4])) + offset
        return match[2].join((f"{moved.year:04}", f"{moved.month:02}", f"{moved.day:02}"))
    if match := _NAMED.fullmatch(value):
        moved = date(int(match[5]), _month(match[1]), int(match[3])) + offset
        after = re.sub("st|nd|rd|th", _ending(moved.day), match[4])
        return f"{_named(moved.month, match[1])}{match[2]}{_like(moved.day, match[3])}{after}{moved.year:04}"
    if match := _DAY_FIRST.fullmatch(value):
        moved = date(int(match[5]), _month(match[3]), int(match[1])) + offset
        return f"{_like(moved.day, match[1])}{match[2]}{_named(moved.month, match[3])}{match[4]}{moved.year:04}"
    return None


def _century(year: int) -> int:
    """Two-digit years lie between 1935 and 2034: what the notes of living patients hold."""
    return 1900 + year if year >= 35 else 2000 + year


def _like(number: int, written: str) -> str:
    """`number` with a leading zero where `written` has one or needs none."""
    return f"{number:02}" if written.startswith("0") or (len(written) == 2 and number > 9) else str(number)


def _month(name: str) -> int:
    return next(number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.lower()[:3]))


def _named(month: int, written: str) -> str:
    """The month's name as long and in such letters as `written`."""
    full = _MONTHS[month - 1]
    name = full if written.lower() in _MONTHS and written.lower() != "may" else full[:3]
    return name.upper() if written.isupper() else name.capitalize() if written[0].isupper() else name


def _ending(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
