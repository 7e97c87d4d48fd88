"""Is this text in English? What can't be de-identified must not pass.

A text is refused for positive signs of another language only, because names, labels, codes, tables, lists of drugs and
shorthand are no language. The signs are letters outside the Latin alphabet; words that only other languages have
(`words/foreign*.txt`) when English ones don't outweigh them; and, where these leave doubt, several words in a row that
py3langid, a small trained classifier, is sure of. A short text without a word that only English has is also held against
the words of English, of medicine and of names that the recogniser knows: where most are in none of these lists, it is
refused.

Limits: a word or two that are in such a list ("Total normal") pass; so can sentences in languages that are not in the lists
and are written in Latin letters. A text that switches to another language after an English majority passes.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

from services.gateway.deidentify.view import fold
from services.gateway.deidentify.vocabulary import (
    CLINICAL_WORDS,
    COMMON_WORDS,
    NAME_PARTICLES,
    SHARED_WORDS,
    foreign_words,
    word_lists,
)

_CLASSIFIED = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "no", "ro", "tr", "id", "ca"),
    *("fi", "hu", "cs", "hr", "sk", "sl", "vi", "sq", "et", "lt", "lv", "af", "tl"),
)
# Two letters in a row: a single Greek one stands in units and in names of drugs.
_OTHER_SCRIPT = re.compile(r"(?:(?![A-Za-z\u00aa-\u024f\u0300-\u036f\u1e00-\u1eff])[^\W\d_]){2}")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_RUN = re.compile(r"[^\W\d_]+(?:[ '][^\W\d_]+){3,}")
_SENTENCE = re.compile(r"[\u00bf\u00a1]?[^\W\d_]+(?:[ '-][^\W\d_]+)*[ ]?[.!?]*")
_ACCENTED = re.compile(r"(?:(?<![A-Za-z])|\A[A-Z])[a-z]*(?=[^\W\d_A-Z])[^\x00-\x7f\W]")
# Not only particles of names: "Das Personal" is no "El Camino".
_GERMAN_ARTICLES = frozenset({"das", "den", "der", "des"})
# English function words that are other ones in the languages of the lists: "i robot", "do campo", "at købe".
_ELSEWHERE_TOO = frozenset(
    [
        "a",
        "an",
        "as",
        "at",
        "by",
        "do",
        "for",
        "he",
        "i",
        "in",
        "is",
        "made",
        "me",
        "no",
        "of",
        "on",
        "once",
        "or",
        "per",
        "s",
        "same",
        "se",
        "so",
        "us",
        "we",
    ]
)
_ENGLISH = COMMON_WORDS - _ELSEWHERE_TOO
_NEVER_TELLING = (NAME_PARTICLES | CLINICAL_WORDS) - _GERMAN_ARTICLES
_BETWEEN = re.compile(r"[ ']")
_STARTS = re.compile(r"(?:\A|[.!?\n][ \"'(]{0,3}|\A[^\w\n]{1,3})\Z")
_NO_EVIDENCE = COMMON_WORDS | CLINICAL_WORDS | SHARED_WORDS | NAME_PARTICLES
_SPARSE = 8
"""With two foreign words, a text of more words than this for each is no sentence: names and codes have such words as well."""
_SHORT_RUN, _LONG_RUN = 3, 4
"""Words of a run that is judged, where a foreign word was found and where none was."""
_ACCENTED_SHARE = 4
_FEW = 4
"""Words of a text in which a single accented one is telling."""
_SHARE = 3
"""Runs are telling when they have this part of the words at least; names stand in a row as well."""
_SHORT_TEXT = 12
"""Words of a text that is held against the lists of known words."""
_PLAIN_TEXT = re.compile(r"[^\W\d_][^\d_@/|=+<>\t\n:;#*&%$()-]*")
"""Without figures and signs: a sentence, not a line of a chart."""
_TELLING_LENGTH = 4
_ENDINGS = (
    "s",
    "es",
    "ies",
    "ed",
    "d",
    "ing",
    "er",
    "est",
    "ly",
    "ally",
    "ness",
    "ment",
    "able",
    "al",
    "ic",
    "ous",
    "ful",
)
_CLINICAL_ENDINGS = (
    "itis",
    "osis",
    "emia",
    "oma",
    "pathy",
    "ectomy",
    "oscopy",
    "otomy",
    "plasty",
    "algia",
    "gram",
    "graphy",
)
_UNKNOWN_SURE = 8.0
_NEARLY_SURE, _SURE = 12.0, 30.0
"""By how much the logarithm of the likelihood must be higher than that of English, in the same two cases."""


class EnglishCheck:
    """Holds the words that only other languages have; a check takes a few hundredths of a millisecond."""

    def __init__(self) -> None:
        self._foreign = _with_plain_letters(foreign_words())
        self._english, self._names = word_lists().no_names, word_lists().names | word_lists().frequent
        _classifier()  # it takes half a second, which no text should wait for

    def passes(self, text: str, searched: str | None = None) -> bool:
        """False when the text shows that it is in another language; `searched` is its view, without imitated letters."""
        if not text.isascii():
            text = unicodedata.normalize("NFC", text).replace("\u2019", "'")
            if _OTHER_SCRIPT.search(text if searched is None else searched):
                return False
        words = [word.lower() for word in _WORD.findall(text)]  # a word may have more letters in lower case
        english, foreign = self._count(text, words)
        if english > foreign + 2 or (english > 1 and not foreign):
            return True
        if foreign and not english and not text.isascii() and _is_accented(text, len(words)):
            return False
        if not english and len(words) <= _SHORT_TEXT and (self._is_unknown(text, words) or self._has_accents(text)):
            return False
        if foreign > max(1, english) and (foreign > 2 or len(words) <= _SPARSE * foreign):
            return False
        runs = (run[0] for run in _RUN.finditer(text))
        return _SHARE * sum(len(_BETWEEN.split(run)) for run in runs if self._is_foreign(run)) <= len(words)

    def _is_unknown(self, text: str, words: list[str]) -> bool:
        """Whether most words of a short sentence are foreign ones, or unknown ones of which the classifier is sure."""
        if not _PLAIN_TEXT.fullmatch(text.strip()):
            return False
        written = _WORD.findall(text)
        telling = [low for low, word in zip(words, written, strict=True) if word[0].islower() or word is written[0]]
        telling = [word for word in telling if len(word) >= _TELLING_LENGTH or not word.isascii()]
        unknown = [word for word in telling if not self._is_known(word)]
        small = [low for low, word in zip(words, written, strict=True) if word[0].islower() and low in unknown]
        if 2 * len(unknown) <= len(telling):
            return False
        if any(word in self._foreign for word in small):
            return True
        if sum(not word.isascii() for word in small) >= (1 if len(words) <= _FEW else 2):
            return True
        if any(word in self._foreign for word in unknown) and (
            not any(word[0].isupper() for word in written[1:2])  # a name mostly has another capitalised word after it
            or not any(self._is_known(word) for word in words if len(word) > 2)
        ):
            return True
        return (
            len(small) > 1
            and (len(small) > 2 or len(unknown) == len(telling))
            and _margin(" ".join(words)) > _UNKNOWN_SURE
        )

    def _has_accents(self, text: str) -> bool:
        """Whether a quarter of the words have small letters, an accent, and are in no list: names have capitals or are known."""
        if text.isascii():
            return False
        words = _WORD.findall(text)
        small = (word for word in words if word[0].islower() and not word.isascii() and len(word) >= _TELLING_LENGTH)
        accented = sum(not self._is_known(word) for word in small)
        least = 1 if len(words) <= _FEW else 2
        return accented >= max(least, len(words) / _ACCENTED_SHARE)

    def _is_known(self, word: str) -> bool:
        """Whether a list has the word, or what it is an English form of."""
        plain = "".join(map(fold, word)).replace("'", "")
        if plain.endswith(_CLINICAL_ENDINGS):
            return True
        forms = (
            plain,
            *(plain.removesuffix(end) + more for end in _ENDINGS if plain.endswith(end) for more in ("", "e", "y")),
        )
        return any(form in self._english for form in forms) or (plain in self._names and word not in self._foreign)

    def _count(self, text: str, words: list[str]) -> tuple[int, int]:
        """How many words are English function words, and how many different ones are of the likeliest other language."""
        english = 0
        found: dict[str, tuple[str, ...]] = {}
        for word in words:
            if word in _ENGLISH:
                english += 1
            elif word in self._foreign:
                found[word] = self._foreign[word]
            elif "'" in word:
                first = word.split("'")[0]
                if not _ENGLISH.isdisjoint(word.split("'")):
                    english += 1
                elif first in self._foreign:
                    found[word] = self._foreign[first]
        if not found:
            return english, 0
        counted: Counter[str] = Counter()
        shouted = sum(map(str.isupper, _WORD.findall(text))) > len(words) / 2
        for match in _WORD.finditer(text):
            if (word := match[0].lower()) in found and (
                match[0][0].islower() or (shouted and len(word) > 3) or _STARTS.search(text, 0, match.start())
            ):
                counted.update(found.pop(word))
        return english, max(counted.values(), default=0)

    def _is_foreign(self, run: str) -> bool:
        """Whether words that only blanks part are surely of another language; capitalised ones may be names."""
        first, *others = _BETWEEN.split(run)
        words = [first.lower(), *(map(str.lower, others) if run.isupper() else filter(str.islower, others))]
        telling = [word for word in words if word not in _NEVER_TELLING]
        told = sum(word in self._foreign for word in words) > run.isupper()
        if len(telling) < (_SHORT_RUN if told else _LONG_RUN):
            return False
        accented = not run.isupper() and sum(not word.isascii() for word in words[1:]) > 1
        return _margin(" ".join(words)) > (_NEARLY_SURE if told or accented else _SURE)


def _margin(text: str) -> float:
    """By how much the likeliest language is likelier than English: a difference of logarithms."""
    ranks: dict[str, float] = dict(_classifier().rank(text))
    return max(ranks.values()) - ranks["en"]


def _is_accented(text: str, words: int) -> bool:
    """Whether a short sentence has an accent, or a longer text has them on many words with small letters."""
    if words <= _SPARSE:
        return _ACCENTED.search(text) is not None and _SENTENCE.fullmatch(text) is not None
    return 3 <= len(_ACCENTED.findall(text)) >= words / _ACCENTED_SHARE


def _with_plain_letters(words: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The words, and as they are without their accents, where that is no English word."""
    both = dict(words)
    for word, languages in words.items():
        plain = "".join(map(fold, word))
        if plain != word and len(plain) > 2:
            both[plain] = tuple(dict.fromkeys((*both.get(plain, ()), *languages)))
    return {word: languages for word, languages in both.items() if word not in _NO_EVIDENCE}


@cache
def _classifier() -> Any:
    """py3langid's model, for the languages that are told apart."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

    classifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    classifier.set_languages(_CLASSIFIED)
    return classifier
