"""Rules on who may do what, and on what the API server lets in: what they let pass, and how far they look."""

import json
from typing import Any

import pytest

from policies.outcomes import Outcome
from tests.policies.world import REMOVE, World, change, judge, load

ROOT = "arn:aws:iam::123456789012:root"
TAGGED = {"StringEquals": {"aws:ResourceTag/team": "inference"}}
LABEL = "pod-security.kubernetes.io"


def _outcome(world: World, rule: str, subject: str) -> Outcome:
    return judge(world)[rule, subject].outcome


def _policy(**statement: Any) -> str:
    return json.dumps({"Statement": {"Effect": "Allow"} | statement})


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "ec2:DescribeInstances", "Resource": "*"},
        {"Action": "ssmmessages:OpenDataChannel", "Resource": "*"},
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::models/*"},
        {"Action": "logs:GetLogEvents", "Resource": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/*"},
        {"Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": TAGGED},
    ],
)
def test_actions_without_resources_and_named_or_tagged_resources_are_fine(statement: dict[str, Any]) -> None:
    """Some actions know no resources; a name may end in a wildcard, and tags limit as names do."""
    world = load()
    change(world, "policy", ("policy",), _policy(**statement))
    assert _outcome(world, "iam-policy-resources-named", "policy") is Outcome.COMPLIANT


@pytest.mark.parametrize(
    ("action", "named"),
    [
        ("ssm:Get*", "ssm:GetParameter, ssm:GetParameters, ssm:GetParametersByPath"),
        ("dynamodb:*", "dynamodb:DeleteItem, dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query and 2 more"),
    ],
)
def test_the_first_actions_that_a_wildcard_stands_for_are_in_the_message(action: str, named: str) -> None:
    """Whoever reads it sees what is open, and not a page of it."""
    world = load()
    change(world, "policy", ("policy",), _policy(Action=action, Resource="*"))
    (message,) = judge(world)["iam-policy-resources-named", "policy"].messages
    assert message == f"{named} is allowed on *"


@pytest.mark.parametrize("said", ["false", ["false"], False])
def test_requests_without_tls_may_be_denied_in_any_form_that_aws_takes(said: object) -> None:
    """A value of a condition is text, a list of texts or a truth value."""
    world = load()
    secure = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": said}}}
    change(
        world, "bucket-policy", ("policy",), _policy(Principal={"AWS": "*"}, Action=["s3:*"], Resource="*", **secure)
    )
    assert _outcome(world, "s3-bucket-tls-only", "bucket") is Outcome.COMPLIANT


@pytest.mark.parametrize("principal", [ROOT, "123456789012"])
def test_an_account_may_hold_every_action_on_its_key(principal: str) -> None:
    """Its own policies then say who may do what, as AWS sets up every key."""
    world = load()
    change(world, "key", ("policy",), _policy(Principal={"AWS": principal}, Action="kms:*", Resource="*"))
    assert _outcome(world, "kms-key-policy-limited", "key") is Outcome.COMPLIANT


def test_a_policy_of_ones_own_is_judged_by_what_it_says_and_not_by_its_name() -> None:
    """Only AWS's own policies are known by their names."""
    world = load()
    change(world, "attachment", ("policyArn",), "arn:aws:iam::123456789012:policy/QueueFullAccess")
    assert _outcome(world, "iam-policy-no-wildcard-action", "attachment") is Outcome.COMPLIANT


@pytest.mark.parametrize(
    ("reference", "outcome"),
    [
        ({"kind": "ClusterRole", "name": "view"}, Outcome.COMPLIANT),
        ({"kind": "ClusterRole", "name": "system:auth-delegator"}, Outcome.COMPLIANT),
        ({"kind": "ClusterRole", "name": "system:kube-controller-manager"}, Outcome.VIOLATION),
        ({"kind": "ClusterRole", "name": "everywhere"}, Outcome.COMPLIANT),
        ({}, Outcome.VIOLATION),
    ],
)
def test_a_role_of_kubernetes_itself_is_bound_only_if_it_is_known_to_be_harmless(
    reference: dict[str, str], outcome: Outcome
) -> None:
    """A ClusterRole of the stack may be bound in any namespace."""
    world = load()
    everywhere = {"type": "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "name": "everywhere", "from": {}}
    world.append({**everywhere, "props": {"metadata": {"name": "everywhere"}, "rules": []}})
    change(world, "readers", ("roleRef",), reference)
    assert _outcome(world, "rbac-role-of-the-stack", "readers") is outcome


def test_a_role_whose_name_is_not_known_yet_is_told_by_where_it_comes_from() -> None:
    """Pulumi makes up names; the engine says which resource the reference came from."""
    world = load()
    change(world, "reader", ("metadata", "name"), "reader-1f2e3d")
    next(item for item in world if item["name"] == "readers")["from"] = {"roleRef": "reader"}
    assert _outcome(world, "rbac-role-of-the-stack", "readers") is Outcome.COMPLIANT


@pytest.mark.parametrize(("replicas", "outcome"), [(2, Outcome.COMPLIANT), (1, Outcome.VIOLATION)])
def test_without_an_autoscaler_the_deployment_says_how_many_pods_the_gateway_has(
    replicas: int, outcome: Outcome
) -> None:
    """One pod is one fault away from none."""
    world = load()
    change(world, "gateway-scaler", ())
    change(world, "gateway-deployment", ("spec", "replicas"), replicas)
    assert _outcome(world, "gateway-replicated", "gateway-deployment") is outcome


def test_a_stack_for_trying_things_out_may_have_one_pod() -> None:
    """Every one of its buckets may be destroyed with what is in it."""
    world = load()
    change(world, "gateway-scaler", ("spec", "minReplicas"), 1)
    for bucket in ("bucket", "archive"):
        change(world, bucket, ("forceDestroy",), True)
    assert _outcome(world, "gateway-replicated", "gateway-deployment") is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("version", ["latest", "v1.23", "v1.35", REMOVE])
def test_restricted_is_enforced_as_it_is_today(version: Any) -> None:
    """Without a version it is the API server's own."""
    world = load()
    labels = {f"{LABEL}/enforce": "restricted", f"{LABEL}/enforce-version": version}
    change(
        world, "inference", ("metadata", "labels"), {key: each for key, each in labels.items() if each is not REMOVE}
    )
    assert _outcome(world, "namespace-pod-security-enforced", "inference") is Outcome.COMPLIANT


@pytest.mark.parametrize(("told", "findings"), [(("warn", "audit"), 1), (("warn",), 2), ((), 3)])
def test_where_less_is_enforced_warnings_and_audit_records_have_to_tell(told: tuple[str, ...], findings: int) -> None:
    """Whoever accepts a privileged namespace has accepted that, and no silence about it."""
    world = load()
    labels = {f"{LABEL}/enforce": "privileged", **{f"{LABEL}/{mode}": "restricted" for mode in told}}
    change(world, "inference", ("metadata", "labels"), labels)
    assert len(judge(world)["namespace-pod-security-enforced", "inference"].messages) == findings


def test_a_policy_about_every_resource_judges_pods_too() -> None:
    """A wildcard stands for pods, their group and version, and their making."""
    world = load()
    wild = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "operations": ["*"]}
    change(world, "images", ("spec", "matchConstraints", "resourceRules"), [wild])
    assert _outcome(world, "admission-policies-enforced", "inference") is Outcome.COMPLIANT


def test_findings_of_guardduty_are_heard_also_where_the_rule_names_their_kind() -> None:
    """A rule of EventBridge may say what it takes in more ways than one."""
    world = load()
    pattern = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}
    change(world, "threats", ("eventPattern",), json.dumps(pattern))
    change(world, "threats", ("state",), "ENABLED")
    assert _outcome(world, "guardduty-findings-reach-people", "detector") is Outcome.COMPLIANT
