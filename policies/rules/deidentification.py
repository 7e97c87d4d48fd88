"""Identifiers are taken out of texts, by a policy that somebody reviewed, before Triton sees them.

That the gateway forwards nothing when this fails is its own code, which has no option to the contrary.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from policies.rules.config_maps import config_maps_of
from policies.rules.phi_path import pod_named
from policies.rules.pods import LONG_RUNNING, Pod, variable
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule

POLICY_FILE, KEY_FILE = "GATEWAY_DEIDENTIFY_POLICY_FILE", "GATEWAY_DEIDENTIFY_KEY_FILE"
KEYED = {"surrogate", "date_shift"}
REMOVING = {"replace", "mask", "generalise", *KEYED}
"""Operators that leave no identifier of their type in the text."""


@relation_rule(
    "gateway-deidentifies",
    *LONG_RUNNING,
    severity=Severity.CRITICAL,
    evidence=links(supporting="312(a)(1)"),
    remediation=f"leave out {POLICY_FILE}, which replaces every identifier by its type, or mount a policy from a ConfigMap "
    f"of the stack whose operators are among {', '.join(sorted(REMOVING))}, and its key ({KEY_FILE}) from a Secret.",
    link="https://www.hhs.gov/hipaa/for-professionals/special-topics/de-identification/index.html",
)
def gateway_deidentifies(workload: Resource, stack: Stack) -> Findings:
    """What becomes of identifiers at the gateway can be read in the program, and none is let through."""
    pod = pod_named(workload, "gateway")
    for where, container in pod.containers("containers"):
        path = variable(container, POLICY_FILE)
        if path is None:
            continue  # the policy in the image replaces all of them
        policy = _file(path, workload, stack)
        if policy is None:
            yield f"{where} takes {POLICY_FILE} from no ConfigMap of the stack that can be read here"
            continue
        yield from _kept(policy)
        if KEYED.intersection(_operators(policy)) and not _from_secret(pod, container):
            yield f"{where} takes {KEY_FILE} from no Secret"


def _file(path: str, workload: Resource, stack: Stack) -> dict[str, Any] | None:
    name = path.rpartition("/")[2]
    found = (item.block("data").get(name) for item in config_maps_of(workload, stack))
    try:
        content = yaml.safe_load(next(filter(None, found), ""))
    except yaml.YAMLError:
        return None  # the gateway would not start with it
    return content if isinstance(content, dict) else None


def _operators(policy: dict[str, Any]) -> Iterator[str]:
    yield policy.get("default", "replace")
    yield from (policy.get("operators") or {}).values()


def _kept(policy: dict[str, Any]) -> Findings:
    for operator in _operators(policy):
        if operator not in REMOVING:
            yield f"the policy has the operator {operator}, expected one of {', '.join(sorted(REMOVING))}"


def _from_secret(pod: Pod, container: Properties) -> bool:
    folder = (variable(container, KEY_FILE) or "").rpartition("/")[0]
    names = {item["name"] for item in container.get("volumeMounts") or () if folder and item["mountPath"] == folder}
    return any(item["name"] in names and item.get("secret") for item in pod.spec.get("volumes") or ())
