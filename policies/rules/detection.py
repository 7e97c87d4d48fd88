"""AWS watches the account for threats and for access from outside."""

from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule
from policies.rules.services import allow_inherited, service_rule

DETECTOR = "aws:guardduty/detector:Detector"
FEATURES = ("EKS_AUDIT_LOGS", "RUNTIME_MONITORING", "EBS_MALWARE_PROTECTION", "S3_DATA_EVENTS")
AGENT = "aws-guardduty-agent"


def enabled_features(detector: Resource, stack: Stack) -> set[str]:
    """What the detector examines beside its foundational sources."""
    features = stack.attached(detector, "aws:guardduty/detectorFeature:DetectorFeature", by="detectorId")
    return {item.props["name"] for item in features if item.props.get("status") == "ENABLED"}


@service_rule(
    "guardduty-enabled",
    DETECTOR,
    service="guardduty",
    severity=Severity.HIGH,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D) 308(a)(5)(ii)(C) 308(a)(6)(ii)"),
    remediation="add a Detector and leave it enabled.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/guardduty-enabled-centralized.html",
)
def guardduty_enabled(detector: Resource, _: Stack) -> Findings:
    """GuardDuty examines the account's API calls, connections and DNS queries for threats."""
    if detector.props.get("enable", True) is not True:
        yield "enable is false, expected true"


@relation_rule(
    "guardduty-features-enabled",
    DETECTOR,
    severity=Severity.HIGH,
    evidence=links(supporting="312(b) 308(a)(5)(ii)(B) 308(a)(6)(ii)"),
    remediation=f"add a DetectorFeature with status ENABLED for each of {', '.join(FEATURES)}.",
    link="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html",
)
def guardduty_features_enabled(detector: Resource, stack: Stack) -> Findings:
    """GuardDuty watches the cluster's audit log, what runs on its nodes, their volumes and the buckets."""
    enabled = enabled_features(detector, stack)
    missing = [name for name in FEATURES if name not in enabled]
    if missing:
        yield f"no DetectorFeature enables {', '.join(missing)}"


@relation_rule(
    "eks-guardduty-agent-installed",
    "aws:eks/cluster:Cluster",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(5)(ii)(B)"),
    remediation=f"add the Addon {AGENT} to the cluster, so that its version is reviewed like any other.",
    link="https://docs.aws.amazon.com/guardduty/latest/ug/managing-gdu-agent-eks-manually.html",
)
def eks_guardduty_agent_installed(cluster: Resource, stack: Stack) -> Findings:
    """GuardDuty's agent runs on the nodes, installed by the program that installs the rest."""
    addons = stack.attached(cluster, "aws:eks/addon:Addon", by="clusterName", identity=("name", "id"))
    if not any(item.props.get("addonName") == AGENT for item in addons):
        allow_inherited(stack, "guardduty")
        yield f"no Addon installs {AGENT}"


@service_rule(
    "security-hub-enabled",
    "aws:securityhub/account:Account",
    service="securityhub",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(8) 308(a)(1)(ii)(A)"),
    remediation="add a securityhub.Account and a StandardsSubscription.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/securityhub-enabled.html",
)
def security_hub_enabled(hub: Resource, stack: Stack) -> Findings:
    """Security Hub evaluates the account against a standard and gathers findings."""
    subscriptions = any(stack.typed("aws:securityhub/standardsSubscription:StandardsSubscription"))
    if not subscriptions and hub.props.get("enableDefaultStandards", True) is not True:
        yield "no StandardsSubscription is there and enableDefaultStandards is false, so that nothing is evaluated"


@service_rule(
    "access-analyzer-enabled",
    "aws:accessanalyzer/analyzer:Analyzer",
    service="access-analyzer",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(4)(ii)(C) 312(a)(1)"),
    remediation="add an Analyzer of type ACCOUNT or ORGANIZATION.",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html",
)
def access_analyzer_enabled(_: Resource, stack: Stack) -> Findings:
    """IAM Access Analyzer reports what somebody outside the account may reach."""
    found = {item.props.get("type") or "ACCOUNT" for item in stack.typed("aws:accessanalyzer/analyzer:Analyzer")}
    if found.isdisjoint({"ACCOUNT", "ORGANIZATION"}):
        yield f"Analyzers are of type {', '.join(sorted(found))} only, expected ACCOUNT or ORGANIZATION"
