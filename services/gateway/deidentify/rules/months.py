"""Names of months as people type them: in full, shortened, misspelt."""

from services.gateway.deidentify.rules import listed

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SHORT = {name[:3]: number for number, name in enumerate(_MONTHS, 1)} | {"sept": 9, "juin": 6, "janv": 1, "febr": 2}
_SHORT |= {
    "febuary": 2,
    "feburary": 2,
    "febr": 2,
    "jany": 1,
    "decem": 12,
    "novem": 11,
    "octo": 10,
    "septem": 9,
    "augu": 8,
}
# Words, names and abbreviations that are one slip away from a month.
_WORDS = frozenset(
    listed(
        "larch match marsh arch marc marcy maria marche starch marchs mach mars arc rush june jun jule "
        "julie julia junes tune dune rune prune juno jane juney juan may mar apr aprils aprile ail rail "
        "avril april's july jury duly bully jolly julys juli auguste augusta augusts gust angus novembers "
        "decembers decembre remember member timber number ember"
    )
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _slips(word: str) -> set[str]:
    """Every spelling with one letter missing, twice, wrong, too much, or changed with its neighbour."""
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    slips = {head + tail[1:] for head, tail in halves if tail}
    slips |= {head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1}
    slips |= {head + letter + tail for head, tail in halves for letter in _LETTERS}
    slips |= {head + letter + tail[1:] for head, tail in halves if tail for letter in _LETTERS}
    return slips - {word}


def _table() -> dict[str, int]:
    table: dict[str, int] = {}
    for number, name in enumerate(_MONTHS, 1):
        if len(name) > 4:
            table |= dict.fromkeys(_slips(name) - _WORDS, number)
        elif len(name) == 4:  # nearly every slip of a word this short is another word
            table |= dict.fromkeys({name[:2] + name[3] + name[2], name[:3] + name[2:], name + name[3]} - _WORDS, number)
    table |= {
        "setember": 9,
        "octuber": 10,
        "mayy": 5,
        "janurary": 1,
        "januray": 1,
        "febrary": 2,
        "feburay": 2,
        "agust": 8,
        "novemebr": 11,
    }
    return table | _SHORT | {name: number for number, name in enumerate(_MONTHS, 1)}


WEEKDAYS = frozenset(
    spelling
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for spelling in (day, f"{day}s", *_slips(day))
) - {"sundry", "munday", "sundae", "monda", "sunda", "mondays's", "fridays's"}
"""Days of the week in full, slips included."""
MONTHS = _table()
"""Number of the month (1 to 12) by its lower-case name; slips of the long names included."""
CERTAIN = frozenset(word for word in MONTHS if len(word) > 5 and word not in ("august", "marches"))
"""Spellings that mean a month wherever they stand."""
