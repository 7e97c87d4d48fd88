"""Word lists, in files beside this one: words that look like names, places or another language and are not."""

from functools import cache
from importlib.resources import files


def _lines(name: str) -> list[str]:
    lines = files(__package__).joinpath("words", name).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


COMMON_WORDS = _words("english.txt")
# What is in EPONYMS is a name as well: "Mr. Wilson" is one, "Wilson disease" is not.
EPONYMS = _words("eponyms.txt")
CLINICAL_WORDS = _words("clinical.txt")
NAME_PARTICLES = _words("name_particles.txt")
SHARED_WORDS = _words("shared.txt")
KEPT_PLACES = frozenset(_lines("kept_places.txt"))
STATES = _words("states.txt")
STATE_NAMES = frozenset(_lines("state_names.txt"))


class WordLists:
    """The recogniser's lists: names of persons, given names that are everyday words too, and words that name nobody."""

    _GIVEN, _SURNAME, _EVERYDAY, _CLINICAL = 1, 2, 16, 32

    def __init__(self) -> None:
        names, given, no_names = set[str](), set[str](), set[str]()
        for line in files(__package__).joinpath("model", "lists.txt").read_text("utf-8").splitlines():
            number, *words = line.split(" ")
            lists = int(number)
            if not lists & (self._GIVEN | self._SURNAME):
                no_names.update(words)
            elif not lists & self._EVERYDAY and (lists & self._GIVEN or not lists & self._CLINICAL):
                names.update(words)
            elif lists & self._GIVEN:
                given.update(words)
        self.names, self.given, self.no_names = frozenset(names), frozenset(given), frozenset(no_names)


@cache
def word_lists() -> WordLists:
    """The lists, which are read once."""
    return WordLists()


def foreign_words() -> dict[str, tuple[str, ...]]:
    """Languages by word."""
    languages: dict[str, tuple[str, ...]] = {}
    for line in (*_lines("foreign.txt"), *_lines("foreign_everyday.txt")):
        code, *words = line.split()
        for word in words:
            if code not in languages.get(word, ()):
                languages[word] = (*languages.get(word, ()), code)
    return languages


def characters(name: str) -> dict[str, str]:
    """What stands for each character of a file of look-alikes."""
    pairs = [line.split(" ") for line in _lines(name)]
    return {each: shown for shown, group in pairs for each in group}
