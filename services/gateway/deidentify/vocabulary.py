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
    """By the recogniser's lists: words that name nobody, names that are frequent enough to stand for themselves, words of
    places, and those of them (`towns`) that are no everyday or clinical words.

    `names` and `given`, which are everyday words as well, are in a file of their own: a recogniser that is trained again
    does not change them.
    """

    _GIVEN, _SURNAME, _PLACE, _EVERYDAY, _CLINICAL, _FREQUENT = 1, 2, 4, 16, 32, 64

    def __init__(self) -> None:
        frequent, no_names, places, towns = set[str](), set[str](), set[str](), set[str]()
        for line in files(__package__).joinpath("model", "lists.txt").read_text("utf-8").splitlines():
            number, *words = line.split(" ")
            lists = int(number)
            if not lists & (self._GIVEN | self._SURNAME):
                no_names.update(words)
            elif lists & self._FREQUENT:
                frequent.update(words)
            if lists & self._PLACE:
                places.update(words)
                if not lists & (self._EVERYDAY | self._CLINICAL):
                    towns.update(words)
        self.places, self.towns = frozenset(places), frozenset(towns)
        self.names, self.given = _words("names.txt"), _words("given_names_that_are_words.txt")
        self.no_names, self.frequent = frozenset(no_names), frozenset(frequent)


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
