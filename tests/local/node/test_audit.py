"""What the API server records of each request, and who may read it."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.node import audit
from local.node.layout import Layout

POLICY: dict[str, Any] = yaml.safe_load(audit.POLICY.read_text())
KUBELET, CONTROLLER = ("system:node:inference", "system:nodes"), ("controller", "system:serviceaccounts:kube-system")
SCHEDULER, PERSON = ("system:kube-scheduler", "system:authenticated"), ("somebody", "inference:operator")
ALL = (KUBELET, CONTROLLER, SCHEDULER, PERSON)


def level(who: tuple[str, str], verb: str, resource: str, group: str = "") -> str:
    """As the API server judges a request for a resource: the first rule that fits."""
    user, of_group = who
    for rule in POLICY["rules"]:
        callers = rule.get("users", []) + rule.get("userGroups", [])
        if "nonResourceURLs" in rule or (callers and not {user, of_group} & set(callers)):
            continue
        if "verbs" in rule and verb not in rule["verbs"]:
            continue
        resources = rule.get("resources")
        if resources is None or any(
            entry["group"] == group and any(fits(resource, named) for named in entry.get("resources", [resource]))
            for entry in resources
        ):
            return str(rule["level"])
    return "None"


def fits(resource: str, named: str) -> bool:
    """`*/status` is the status of every resource."""
    return resource == named or (named.startswith("*/") and resource.endswith(named[1:]))


@pytest.mark.parametrize("who", ALL, ids=lambda who: str(who[0]))
@pytest.mark.parametrize("verb", ["get", "list", "create", "patch", "delete"])
@pytest.mark.parametrize("resource", ["secrets", "serviceaccounts/token"])
def test_whoever_touches_a_secret_is_recorded_and_its_contents_are_not(
    who: tuple[str, str], verb: str, resource: str
) -> None:
    """Components of the cluster are no exception."""
    assert level(who, verb, resource) == "Metadata"


@pytest.mark.parametrize(
    ("group", "resource"),
    [
        ("", "configmaps"),
        ("", "pods"),
        ("", "pods/exec"),
        ("", "pods/ephemeralcontainers"),
        ("apps", "deployments"),
        ("apps", "statefulsets"),
        ("batch", "jobs"),
        ("authentication.k8s.io", "tokenreviews"),
        ("cert-manager.io", "certificates"),
    ],
)
@pytest.mark.parametrize("verb", ["create", "update", "patch"])
def test_no_body_is_recorded_in_which_people_write_what_they_like(group: str, resource: str, verb: str) -> None:
    """Environment, arguments and data could hold a password or a patient's name."""
    assert level(PERSON, verb, resource, group) == "Metadata"


@pytest.mark.parametrize(
    ("group", "resource"),
    [
        ("rbac.authorization.k8s.io", "clusterrolebindings"),
        ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ("networking.k8s.io", "networkpolicies"),
        ("certificates.k8s.io", "certificatesigningrequests/approval"),
        ("cert-manager.io", "certificaterequests"),
        ("", "namespaces"),
    ],
)
def test_changes_of_the_rules_are_recorded_with_their_contents(group: str, resource: str) -> None:
    """Whoever makes them."""
    assert {level(who, "patch", resource, group) for who in ALL} == {"RequestResponse"}


@pytest.mark.parametrize(
    ("who", "verb", "resource", "group"),
    [
        (KUBELET, "patch", "nodes/status", ""),
        (CONTROLLER, "update", "horizontalpodautoscalers/status", "autoscaling"),
        (("system:apiserver", "system:masters"), "create", "clusterroles", "rbac.authorization.k8s.io"),
        (KUBELET, "update", "leases", "coordination.k8s.io"),
        (KUBELET, "create", "subjectaccessreviews", "authorization.k8s.io"),
        (SCHEDULER, "list", "pods", ""),
        (CONTROLLER, "watch", "endpointslices", "discovery.k8s.io"),
        (CONTROLLER, "create", "events", ""),
    ],
)
def test_the_hum_of_the_cluster_is_not_recorded(who: tuple[str, str], verb: str, resource: str, group: str) -> None:
    """Else nobody finds anything."""
    assert level(who, verb, resource, group) == "None"


@pytest.mark.parametrize(("verb", "resource"), [("list", "pods"), ("get", "pods/log"), ("delete", "pods")])
def test_people_are_recorded_whatever_they_do(verb: str, resource: str) -> None:
    """Reading is as much of interest as changing."""
    assert level(PERSON, verb, resource) == "Metadata"
    assert level(CONTROLLER, "delete", resource) == "Metadata"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another group")
def test_the_log_is_roots_to_write_and_one_groups_to_read(tmp_path: Path) -> None:
    """Nobody else enters the directory; what is in the log stays."""
    layout = Layout(tmp_path)
    audit.prepare(layout)
    layout.audit_log.write_text("entry\n")
    audit.prepare(layout)
    for path, mode in ((layout.audit_log.parent, 0o750), (layout.audit_log, 0o640)):
        assert (path.stat().st_uid, path.stat().st_gid) == (0, audit.GROUP)
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert layout.audit_log.read_text() == "entry\n"
