import re
from pathlib import Path

import pytest

from services.gateway.deidentify import Scope, Span
from services.gateway.deidentify.operators import Operators
from services.gateway.deidentify.operators.generalise import SMALL_AREAS, generalise
from services.gateway.deidentify.policy import PolicyError, load_policy

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
TEXT = "Ann 👍 Bob, ann"
SPANS = (Span(0, 3, "PERSON"), Span(6, 9, "PERSON"), Span(11, 14, "PERSON"))


def operators(folder: Path, content: str, key: bytes | None = KEY) -> Operators:
    path = folder / "policy.yaml"
    path.write_text(f"name: test\n{content}\n", "utf-8")
    return Operators(load_policy(path), key)


def test_replace_puts_the_type(tmp_path: Path) -> None:
    """Each span becomes its type; characters are code points, and the spans stay those of the input."""
    found = operators(tmp_path, "default: replace", None).apply(TEXT, SPANS)
    assert found.text == "<PERSON> 👍 <PERSON>, <PERSON>"
    assert found.spans == SPANS
    assert found.counts() == {"PERSON": 3}


def test_surrogates_agree_within_a_conversation_only(tmp_path: Path) -> None:
    """The same value gets the same tag in any letter case, another value, conversation, type or key another one."""
    surrogate = operators(tmp_path, "default: surrogate")
    tags = re.findall("<.*?>", surrogate.apply(TEXT, SPANS, Scope("talk")).text)
    assert tags[0] == tags[2] != tags[1]
    assert re.fullmatch("<PERSON_[0-9a-f]{8}>", tags[0])
    assert surrogate.apply("Ann", SPANS[:1], Scope("talk")).text == tags[0]
    others = (
        surrogate.apply("Ann", SPANS[:1], Scope("other talk")).text,
        operators(tmp_path, "default: surrogate", OTHER_KEY).apply("Ann", SPANS[:1], Scope("talk")).text,
        surrogate.apply("Ann", [Span(0, 3, "LOCATION")], Scope("talk")).text.replace("LOCATION", "PERSON"),
    )
    assert tags[0] not in others


def test_without_a_scope_each_text_is_its_own(tmp_path: Path) -> None:
    """Two texts that nobody ties together can't be tied together by their surrogates."""
    surrogate = operators(tmp_path, "default: surrogate")
    assert surrogate.apply("Ann", SPANS[:1]).text != surrogate.apply("Ann", SPANS[:1]).text


def test_mask_keeps_the_form(tmp_path: Path) -> None:
    """Letters and digits, of any alphabet, become stars."""
    masked = operators(tmp_path, "default: mask", None).apply("415-555-2671 é", [Span(0, 14, "ID")])
    assert masked.text == "***-***-**** *"


def test_a_policy_with_keyed_operators_needs_the_key(tmp_path: Path) -> None:
    """There is no default key."""
    with pytest.raises(PolicyError, match="key"):
        operators(tmp_path, "operators: {DATE: date_shift}", None)


@pytest.mark.parametrize(
    ("kind", "value", "becomes"),
    [
        ("AGE", "97", "90+"),
        ("AGE", "one hundred and two", "90+"),
        ("ZIP_CODE", "62704", "627"),
        ("ZIP_CODE", "62704-1234", "627"),
        ("ZIP_CODE", "03601", "000"),
        ("ZIP_CODE", "89301", "000"),
        ("DATE", "March 3, 2021", "2021"),
        ("DATE", "3/14/21", None),
        ("DATE", "from 2019-12-30 to 2020", None),
        ("PERSON", "Ann", None),
    ],
)
def test_generalise_keeps_what_may_stay(kind: str, value: str, becomes: str | None) -> None:
    """Ages, ZIP codes and dates as 45 CFR 164.514(b)(2)(i) allows; None where nothing may stay."""
    assert generalise(kind, value) == becomes


def test_the_small_areas_are_those_of_two_censuses() -> None:
    """The seventeen of the department's guidance, and what the later census adds."""
    assert len(SMALL_AREAS) == 17 + len({"205", "369"} & SMALL_AREAS)


def test_what_cannot_be_generalised_is_replaced(tmp_path: Path) -> None:
    """The operator falls back to the type."""
    text = "on 3/14 and in 2020-01-05"
    found = operators(tmp_path, "operators: {DATE: generalise}", None).apply(
        text, [Span(3, 7, "DATE"), Span(15, 25, "DATE")]
    )
    assert found.text == "on <DATE> and in 2020"
