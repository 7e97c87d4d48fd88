"""Resources are found by type, by origin and by value, as going through all of them would find them."""

from typing import Any

import pytest
from pulumi_policy.proxy import UnknownValueError

from policies.rules.reads import Reads, view
from policies.rules.resource import Resource, Stack
from tests.policies.world import UNKNOWN

BUCKET, POLICY, ALARM = "test:Bucket", "test:Policy", "test:Alarm"


def _make(kind: str, name: str, source: dict[str, str] | None = None, **props: Any) -> Resource:
    references = {key: frozenset({urn}) for key, urn in (source or {}).items()}
    return Resource(type=kind, name=name, urn=name, props=view(props), references=references)


def _names(found: Any) -> list[str]:
    return [item.name for item in found]


def test_attached_means_by_origin_or_by_identity() -> None:
    """Where a value comes from decides where that is known; else any identity value, single or listed."""
    bucket = _make(BUCKET, "models", bucket="models-1", id="id-1")
    stack = Stack(
        [
            bucket,
            _make(POLICY, "by-origin", {"bucket": "models"}, bucket=UNKNOWN),
            _make(POLICY, "by-name", bucket="models-1"),
            _make(POLICY, "in-a-list", bucket=["other", "id-1"]),
            _make(POLICY, "another", bucket="archive"),
            _make(POLICY, "from-another", {"bucket": "archive"}, bucket="models-1"),
            _make(ALARM, "of-another-type", bucket="models-1"),
        ]
    )
    found = stack.attached(bucket, POLICY, by="bucket", identity=("bucket", "id"))
    assert _names(found) == ["by-origin", "by-name", "in-a-list"]


def test_attached_looks_inside_an_object() -> None:
    """`name.inner` is the property of an object, whose origin is that of the whole."""
    target = _make(BUCKET, "one", metadata={"name": "one"})
    stack = Stack([target, _make(POLICY, "p", spec={"policyName": "one"}), _make(POLICY, "q", {"spec": "one"})])
    assert _names(stack.attached(target, POLICY, by="spec.policyName", identity=("metadata.name",))) == ["q", "p"]


def test_a_value_that_nobody_knows_leaves_the_question_open() -> None:
    """It may mean the target, so that nothing is said."""
    bucket = _make(BUCKET, "models", id="id-1")
    with pytest.raises(UnknownValueError):
        Stack([bucket, _make(POLICY, "p", bucket=UNKNOWN)]).attached(bucket, POLICY, by="bucket")


def test_an_identity_that_nobody_knows_matters_only_to_what_is_left() -> None:
    """A bucket found by its name needs no id; one that is not found might be meant by its id."""
    bucket = _make(BUCKET, "models", bucket="models-1", id=UNKNOWN)
    attached = _make(POLICY, "p", bucket="models-1")
    how: Any = {"by": "bucket", "identity": ("bucket", "id")}
    assert _names(Stack([bucket, attached]).attached(bucket, POLICY, **how)) == ["p"]
    with pytest.raises(UnknownValueError):
        Stack([bucket, attached, _make(POLICY, "q", bucket="b")]).attached(bucket, POLICY, **how)


def test_named_is_the_other_way_round() -> None:
    """What a property lists, by origin or by the other's identity."""
    first, second = _make(BUCKET, "first", arn="arn:1"), _make(BUCKET, "second", arn="arn:2")
    stack = Stack([first, second])
    assert _names(stack.named(_make(ALARM, "a", actions=["arn:2"]), BUCKET, by="actions")) == ["second"]
    assert _names(stack.named(_make(ALARM, "a", {"actions": "first"}, actions=UNKNOWN), BUCKET, by="actions")) == [
        "first"
    ]
    assert _names(stack.named(_make(ALARM, "a", {"actions": "gone"}, actions="arn:1"), BUCKET, by="actions")) == []


def test_where_finds_by_value_and_by_what_absence_means() -> None:
    """An object without a namespace is in the one that Kubernetes puts it into."""
    stack = Stack([_make(POLICY, "in-a", metadata={"namespace": "a"}), _make(POLICY, "nowhere", metadata={})])
    assert _names(stack.where(POLICY, "metadata.namespace", "a")) == ["in-a"]
    assert _names(stack.where(POLICY, "metadata.namespace", "default", absent="default")) == ["nowhere"]


def test_where_gives_what_is_known_before_it_says_that_something_is_not() -> None:
    """A rule that has found what it needs does not stumble over the rest."""
    stack = Stack([_make(POLICY, "unknown", bucket=UNKNOWN), _make(POLICY, "known", bucket="x")])
    found = stack.where(POLICY, "bucket", "x")
    assert next(found).name == "known"
    with pytest.raises(UnknownValueError):
        next(found)


def test_only_what_is_found_counts_as_read() -> None:
    """Of a thousand alarms a rule has read the one that it was told of."""
    reads = Reads()
    bucket = _make(BUCKET, "models", id="id-1")
    stack = Stack([bucket, _make(POLICY, "p", bucket="id-1"), _make(POLICY, "q", bucket="b")]).traced(reads)
    stack.attached(bucket.traced(reads), POLICY, by="bucket")
    assert reads.leaves() == {"models": {("id",): "id-1"}, "p": {("bucket",): "id-1"}}


def test_a_fact_about_the_whole_stack_is_asked_once() -> None:
    """Its answer, or that it cannot be known, is the same for every resource."""
    asked = []

    def count(stack: Stack) -> int:
        asked.append(stack)
        return len(list(stack.typed(BUCKET)))

    stack = Stack([_make(BUCKET, "one")])
    assert [stack.traced(Reads()).once(count), stack.once(count)] == [1, 1]
    assert len(asked) == 1


def test_a_fact_that_cannot_be_known_stays_so() -> None:
    """Everybody who asks hears it."""

    def sizes(stack: Stack) -> list[int]:
        return [item.props["size"] for item in stack.typed(BUCKET)]

    stack = Stack([_make(BUCKET, "one", size=UNKNOWN)])
    for _ in range(2):
        with pytest.raises(UnknownValueError):
            stack.once(sizes)
