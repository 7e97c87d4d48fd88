"""Word lists, in files beside this one: words that look like names, places or another language and are not."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


def _lines(name: str) -> list[str]:
    lines = files(__package__).joinpath("words", name).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


COMMON_WORDS = _words("english.txt")
CLINICAL_WORDS = _words("clinical.txt")
NAME_PARTICLES = _words("name_particles.txt")
SHARED_WORDS = _words("shared.txt")
KEPT_PLACES = frozenset(_lines("kept_places.txt"))
STATES = _words("states.txt")
STATE_NAMES = frozenset(_lines("state_names.txt"))
EPONYMS = _lines("eponyms.txt")


class WordLists:
    """By the recogniser's lists: words that name nobody (`no_names`), names that are no everyday words, names that are frequent
    enough to stand for themselves, words of places, those of them (`towns`) that are no everyday or clinical words, the
    everyday and clinical words (`plain`), clinical words that name neither persons nor places (`clinical`), and whatever is a
    word of English besides (`english`).
    """

    _GIVEN, _SURNAME, _PLACE, _ENGLISH, _EVERYDAY, _CLINICAL, _FREQUENT, _ESTABLISHMENT = 1, 2, 4, 8, 16, 32, 64, 128

    def __init__(self) -> None:
        self.no_names, self.names, self.frequent = set[str](), set[str](), set[str]()
        self.places, self.towns, self.plain, self.clinical = set[str](), set[str](), set[str](), set[str]()
        self.english = set[str]()
        for line in files(__package__).joinpath("model", "lists.txt").read_text("utf-8").splitlines():
            number, *words = line.split(" ")
            for kind in self._kinds(int(number)):
                kind.update(words)

    def _kinds(self, lists: int) -> Iterator[set[str]]:
        is_plain = lists & (self._EVERYDAY | self._CLINICAL)
        if not lists & (self._GIVEN | self._SURNAME):
            yield self.no_names
        else:
            if lists & self._FREQUENT:
                yield self.frequent
            if not lists & self._EVERYDAY and (lists & self._GIVEN or not lists & self._CLINICAL):
                yield self.names
        if is_plain:
            yield self.plain
        if is_plain or lists & self._ENGLISH:
            yield self.english
        if lists & self._CLINICAL and not lists & (self._GIVEN | self._SURNAME | self._PLACE | self._ESTABLISHMENT):
            yield self.clinical
        if lists & self._PLACE:
            yield self.places
            if not is_plain:
                yield self.towns


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
