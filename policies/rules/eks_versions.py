"""Versions of Kubernetes that EKS still mends."""

import re
from datetime import UTC, date, datetime

from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

STANDARD_SUPPORT_ENDS = {
    "1.29": date(2025, 3, 23),
    "1.30": date(2025, 7, 23),
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
}
"""As of April 2026, from https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html. A later version than
these has 14 months from its release, so that it is supported for longer than they are."""
NEWEST = list(STANDARD_SUPPORT_ENDS)[-1]


def today() -> date:
    """The day in UTC, which is also the record's."""
    return datetime.now(UTC).date()


@resource_rule(
    "eks-cluster-version-supported",
    "aws:eks/cluster:Cluster",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(5)(ii)(B)"),
    remediation=f"set version to one in standard support, such as {NEWEST}.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
)
def eks_cluster_version_supported(cluster: Resource) -> Findings:
    """The cluster's version of Kubernetes is stated, and AWS still mends it."""
    version = cluster.props.get("version") or ""
    if not re.fullmatch(r"1\.\d+", version):
        yield f"version is {version or 'unset, so that EKS chooses'}, expected one such as {NEWEST}"
        return
    if _number(version) > _number(NEWEST):
        return
    end = STANDARD_SUPPORT_ENDS.get(version)
    if end is None or end <= today():
        yield f"version is {version}, whose standard support ended {f'on {end}' if end else 'long ago'}"


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
