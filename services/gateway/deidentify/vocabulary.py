"""Word lists, in files beside this one: words that look like names, places or another language and are not."""

from importlib.resources import files

from spacy.lang.en.stop_words import STOP_WORDS


def _lines(name: str) -> list[str]:
    lines = files(__package__).joinpath("words", name).read_text("utf-8").splitlines()
    return [line.strip() for line in lines if not line.startswith("#")]


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in _lines(name) for word in line.split())


COMMON_WORDS = frozenset(STOP_WORDS)
# What is in EPONYMS is a name as well: "Mr. Wilson" is one, "Wilson disease" is not.
EPONYMS = _words("eponyms.txt")
CLINICAL_WORDS = _words("clinical.txt")
NAME_PARTICLES = _words("name_particles.txt")
SHARED_WORDS = _words("shared.txt")
KEPT_PLACES = frozenset(_lines("kept_places.txt"))
STATES = _words("states.txt")
