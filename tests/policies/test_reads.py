"""What a rule reads is written down exactly, and reading behaves as the engine's own proxies do."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pulumi_policy.proxy import UnknownValueError

from policies.errors import PolicyError
from policies.rules.reads import ABSENT, HIDDEN, NOT_KNOWN, SECRET, SIGNATURE, Encrypted, Reads, path_text, text, view
from policies.rules.resource import Resource, Stack
from tests.policies.world import UNKNOWN

PROPS = {
    "enabled": True,
    "tags": {"app.kubernetes.io/name": "gateway", "empty": {}},
    "rules": [{"port": 80}, {"port": UNKNOWN}],
    "password": {SIGNATURE: SECRET, "value": {"text": "hunter2"}},
}


def _resource(name: str = "one", **props: Any) -> Resource:
    return Resource(type="test:Thing", name=name, urn=name, props=view(props or PROPS))


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
def traced(reads: Reads) -> Resource:
    return _resource().traced(reads)


def test_nothing_is_read_before_somebody_looks(reads: Reads, traced: Resource) -> None:
    """The whole stack may be handed to a rule; only what it looks at counts."""
    assert traced.label == "test:Thing::one"
    assert reads.leaves() == {}


def test_of_nested_values_the_innermost_reads_count(reads: Reads, traced: Resource) -> None:
    """The list on the way to a port was not what the rule judged."""
    assert traced.items("rules")[0].get("port") == 80
    assert reads.leaves() == {"one": {("rules", 0, "port"): 80}}


def test_an_object_that_is_only_tested_for_content_counts_itself(reads: Reads, traced: Resource) -> None:
    """Whether it holds anything is what was judged."""
    assert not traced.block("tags").get("empty")
    assert reads.leaves() == {"one": {("tags", "empty"): {}}}


@pytest.mark.parametrize("look", [lambda props: props.get("kept"), lambda props: "kept" in props])
def test_what_is_not_there_was_read_too(reads: Reads, traced: Resource, look: Any) -> None:
    """Absence is evidence: a rule that asks for a property which is not set has judged that."""
    assert not look(traced.props)
    assert reads.leaves() == {"one": {("kept",): ABSENT}}


def test_an_unknown_value_raises_and_counts(reads: Reads, traced: Resource) -> None:
    """The path in the error is the engine's, and nothing is taken for a value."""
    with pytest.raises(UnknownValueError) as raised:
        traced.items("rules")[1].get("port")
    assert raised.value.props == ["rules", "1", "port"]
    assert reads.leaves() == {"one": {("rules", 1, "port"): NOT_KNOWN}}


def test_a_secret_is_handed_to_the_rule_and_hidden_from_the_evidence(reads: Reads, traced: Resource) -> None:
    """Also what lies within it."""
    assert traced.props["password"]["text"] == "hunter2"
    assert reads.leaves() == {"one": {("password", "text"): HIDDEN}}
    assert "hunter2" not in text(PROPS)
    assert "hunter2" not in repr(traced.props["password"])


def test_a_secret_that_nobody_decrypted_is_no_obstacle_until_it_is_read() -> None:
    """Then the message says which one, and what to do."""
    resource = _resource(key=Encrypted("test:Thing::one key"), other=1)
    assert resource.props["other"] == 1
    assert list(resource.props) == ["key", "other"]
    with pytest.raises(PolicyError, match=r"test:Thing::one key is encrypted .*--show-secrets"):
        resource.props.get("key")


def test_views_are_mappings_and_sequences_with_everything_that_rules_do_to_them(traced: Resource) -> None:
    """Rules ask for their kind, spread them, slice them, count them and look through them."""
    tags, rules = traced.block("tags"), traced.items("rules")
    assert isinstance(tags, Mapping)
    assert isinstance(rules, Sequence)
    assert {**tags}["app.kubernetes.io/name"] == "gateway"
    assert set(tags) - {"empty"} == {"app.kubernetes.io/name"}
    assert (len(rules), [item["port"] for item in rules[:1]], rules[-2]["port"]) == (2, [80], 80)
    assert "gateway" in tags.values()


def test_a_view_of_a_view_tells_only_the_new_listener() -> None:
    """Each verdict has reads of its own."""
    first, second = Reads(), Reads()
    resource = _resource().traced(first)
    assert resource.traced(second).props["enabled"] is True
    assert first.leaves() == {}
    assert second.leaves() == {"one": {("enabled",): True}}


def test_evidence_names_related_resources_by_their_label(reads: Reads) -> None:
    """The subject's own values come first."""
    subject, other = _resource("subject", size=1), _resource("other", size=2)
    stack = Stack([other, subject]).traced(reads)
    for found in stack.typed("test:Thing"):
        found.props.get("size")
    assert reads.values(subject) == (("size", "1"), ("test:Thing::other size", "2"))


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (("spec", "containers", 0, "env"), "spec.containers[0].env"),
        (("metadata", "labels", "app.kubernetes.io/name"), 'metadata.labels["app.kubernetes.io/name"]'),
        ((0, "a"), "[0].a"),
    ],
)
def test_paths_are_written_as_programs_write_them(path: tuple[str | int, ...], written: str) -> None:
    """A reviewer finds the place again."""
    assert path_text(path) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (None, "null"),
        ("as it is", "as it is"),
        ({"b": 1, "a": [UNKNOWN]}, '{"a": ["unknown"], "b": 1}'),
    ],
)
def test_values_are_short_text(value: Any, written: str) -> None:
    """JSON but for text, and never longer than a few lines."""
    assert text(value) == written
    assert text("x" * 500) == "x" * 199 + "…"
