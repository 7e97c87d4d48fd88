"""Words that no list has, made letter by letter in the likeness of a list: names of nobody, brands of nothing."""

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from random import Random

from model_build.deid import lexicons
from model_build.deid.examples import Part

_ORDER = 3
_END = "\n"
_LENGTHS = range(4, 13)
_TRIALS = 20


class Chain:
    """Which letter follows which three, as often as in the words that it was made from."""

    def __init__(self, words: Iterable[str]) -> None:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for word in words:
            letters = " " * _ORDER + word.lower() + _END
            for place in range(_ORDER, len(letters)):
                counts[letters[place - _ORDER : place]][letters[place]] += 1
        self._next: Mapping[str, tuple[Sequence[str], Sequence[int]]] = {
            before: (tuple(after), tuple(accumulate(after.values()))) for before, after in counts.items()
        }

    def __call__(self, rng: Random) -> str:
        """A capitalised word of some letters."""
        word = ""
        for _ in range(_TRIALS):
            word = self._word(rng)
            if len(word) in _LENGTHS:
                break
        return word.capitalize()

    def _word(self, rng: Random) -> str:
        letters = " " * _ORDER
        while len(letters) < _ORDER + max(_LENGTHS) + 1:
            after, sums = self._next[letters[-_ORDER:]]
            letter = after[bisect(sums, rng.randrange(sums[-1]))]
            if letter == _END:
                break
            letters += letter
        return letters[_ORDER:]


@cache
def first_names(part: Part) -> Chain:
    """In the likeness of first names."""
    return Chain(name for name in lexicons.first_names(part) if name.isalpha())


@cache
def last_names(part: Part) -> Chain:
    """In the likeness of surnames; half as many of the census as of other countries."""
    return Chain(name for name in lexicons.last_names(part)[::2] if name.isalpha())


@cache
def cities(part: Part) -> Chain:
    """In the likeness of cities, of this country and of others."""
    american = dict.fromkeys(place.city for place in lexicons.places(part))
    return Chain(
        word for name in (*american, *lexicons.foreign_cities(part)) for word in name.split() if word.isalpha()
    )


@cache
def brands() -> Chain:
    """In the likeness of medicines and devices."""
    lists = ("drugs", "drug_brands", "devices")
    return Chain(word for name in lists for word in lexicons.words(name) if word.isalpha())
