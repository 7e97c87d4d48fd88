"""Is this text in English? What can't be de-identified must not pass.

Three signs are weighed: letters outside the Latin alphabet, function words of other languages (spaCy's stop-word lists,
which the gateway has anyway), and py3langid, a small trained classifier. A text that shows no sign of another language
passes, because "Good.", "HTN, DM2" and a bare name must.

Limits: one or two words without a function word ("Gut.") pass; so can short sentences in languages that are not in
`_LANGUAGES` and are written in Latin letters. A text that switches to another language after an English majority
passes. English with more foreign function words than English ones (a quoted title) is refused.
"""

import re
from collections import Counter
from importlib import import_module

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

from services.gateway.deidentify.vocabulary import NAME_PARTICLES, SHARED_WORDS

_LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "ro", "tr", "id", "ca")
_CLASSIFIED = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "no", "ro", "tr", "id", "ca")
# Two letters in a row: a single Greek one stands in units and in names of drugs.
_OTHER_SCRIPT = re.compile(r"(?:(?![A-Za-z\u00aa-\u024f\u1e00-\u1eff])[^\W\d_]){2}")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")

# German nouns are capitalised like names, so these don't start one: "Das Personal" is not "El Camino".
_GERMAN_ARTICLES = frozenset({"das", "den", "der", "des"})


class EnglishCheck:
    """Holds the word lists and the classifier; loading takes about a second, a check well under a millisecond."""

    def __init__(self) -> None:
        self._stop_words = {code: _stop_words(code) for code in _LANGUAGES}
        self._english = _stop_words("en")
        self._classifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._classifier.set_languages(_CLASSIFIED)

    def passes(self, text: str) -> bool:
        """False when the text shows that it is in another language."""
        if _OTHER_SCRIPT.search(text):
            return False
        words = _WORD.findall(text)
        english, foreign = self._function_words(words)
        if foreign == 0 and (english > 1 or all(word[0].isupper() or word in NAME_PARTICLES for word in words)):
            return True
        likelihood = float(dict(self._classifier.rank(text))["en"])
        if foreign >= 2 and foreign > english:
            return likelihood >= 0.5
        if foreign >= 1 and foreign >= english:
            return likelihood >= 0.05
        return len(words) < 3 or likelihood >= 0.012

    def _function_words(self, words: list[str]) -> tuple[int, int]:
        """How many are English ones, and how many are of the one other language that has the most."""
        foreign: Counter[str] = Counter()
        english = 0
        for word in _without_name_particles(words):
            parts = {word, *word.split("'")}
            if "'" in word:
                parts |= {word[-2:], word[-3:]}  # the lists have "'s", "n't", "'ll"
            if parts & self._english:
                english += 1
            elif word not in SHARED_WORDS:
                foreign.update(code for code in _LANGUAGES if parts & self._stop_words[code])
        return english, max(foreign.values(), default=0)


def _stop_words(code: str) -> frozenset[str]:
    words = import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS
    return frozenset(word for word in words if len(word) > 1 or word in "àèéåı")


def _without_name_particles(words: list[str]) -> list[str]:
    """Lower-case words, without the particles that stand before a name inside a name."""
    kept: list[str] = []
    before_name = False
    for index in range(len(words) - 1, -1, -1):
        word = words[index].lower().replace("\u2019", "'")
        follows_name = index > 0 and (words[index - 1][0].isupper() or words[index - 1].lower() in NAME_PARTICLES)
        starts_name = words[index][0].isupper() and word not in _GERMAN_ARTICLES
        in_name = word in NAME_PARTICLES and before_name and (follows_name or starts_name)
        if not in_name:
            kept.append(word)
        before_name = words[index][0].isupper() or in_name
    return kept
