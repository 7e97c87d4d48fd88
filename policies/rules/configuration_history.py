"""AWS Config: what every resource of the account was at each moment, and what that says of HIPAA."""

import re

from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links
from policies.rules.services import service_rule

RECORDER = "aws:cfg/recorder:Recorder"
PACK = "aws:cfg/conformancePack:ConformancePack"
SOURCE_IDENTIFIER = re.compile(r"""SourceIdentifier["']?\s*:\s*["']?(\w+)""")
SEEN_IN_THE_ACCOUNT_ALONE = {
    "ACCESS_KEYS_ROTATED",
    "ACM_CERTIFICATE_EXPIRATION_CHECK",
    "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK",
    "IAM_ROOT_ACCESS_KEY_CHECK",
    "IAM_USER_MFA_ENABLED",
    "IAM_USER_UNUSED_CREDENTIALS_CHECK",
    "KMS_CMK_NOT_SCHEDULED_FOR_DELETION",
    "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS",
    "ROOT_ACCOUNT_MFA_ENABLED",
}
"""Rules of AWS's conformance pack for HIPAA on what no program declares, so that no rule here can see it."""


@service_rule(
    "config-recorder-enabled",
    RECORDER,
    service="config",
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(b) 308(a)(1)(ii)(D)"),
    remediation="record allSupported and includeGlobalResourceTypes, with a DeliveryChannel and a RecorderStatus.",
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html#config-1",
)
def config_recorder_enabled(recorder: Resource, stack: Stack) -> Findings:
    """Every change of every supported resource of the account is recorded and delivered."""
    group = recorder.block("recordingGroup")
    if group.get("allSupported", True) is not True:
        yield "recordingGroup.allSupported is false, expected true"
    if group.get("includeGlobalResourceTypes") is not True:
        yield "recordingGroup.includeGlobalResourceTypes is not true, so that IAM is left out"
    if not any(stack.typed("aws:cfg/deliveryChannel:DeliveryChannel")):
        yield "no DeliveryChannel says where the records go"
    statuses = stack.attached(recorder, "aws:cfg/recorderStatus:RecorderStatus", by="name", identity=("name", "id"))
    if not any(status.props.get("isEnabled") is True for status in statuses):
        yield "no RecorderStatus turns the recorder on"


@service_rule(
    "config-hipaa-conformance-pack-deployed",
    PACK,
    service="config",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(8)"),
    remediation="deploy a ConformancePack with the rules of AWS's Operational Best Practices for HIPAA Security.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-hipaa_security.html",
)
def config_hipaa_conformance_pack_deployed(pack: Resource, _: Stack) -> Findings:
    """AWS Config keeps evaluating the account, credentials of people and certificates among it."""
    body = pack.props.get("templateBody")
    if not body:
        yield "templateBody is unset, so that nobody sees here which rules the pack holds"
        return
    missing = SEEN_IN_THE_ACCOUNT_ALONE.difference(SOURCE_IDENTIFIER.findall(body))
    if missing:
        yield f"templateBody lacks {', '.join(sorted(missing))}"
