"""Days of the week, which belong to the date that follows them."""

import re

WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|weds|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_BEFORE = re.compile(rf"(?<![a-z0-9])(?P<day>{WEEKDAY})\.?,?[ \t](?:the[ ])?\Z")


def with_weekday(lower: str, start: int) -> int:
    """Where a date at `start` begins when the day of the week before it is part of it."""
    match = _BEFORE.search(lower, max(0, start - 16), start)
    return match.start() if match else start
