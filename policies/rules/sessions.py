"""Sessions end by themselves: those of roles in AWS, and what the gateway's callers show."""

from policies.rules.identity import ROLE
from policies.rules.phi_path import pod_named
from policies.rules.pods import LONG_RUNNING, variable
from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

LONGEST_SESSION_S = 3600
"""What AWS gives a role where nothing is said; it allows twelve hours."""
LIFETIME = "GATEWAY_AUTH_MAX_LIFETIME_S"


@resource_rule(
    "iam-role-session-bounded",
    ROLE,
    severity=Severity.LOW,
    evidence=links(supporting="312(a)(2)(iii)"),
    remediation=f"set maxSessionDuration to {LONGEST_SESSION_S} seconds, or leave it out.",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html",
)
def iam_role_session_bounded(role: Resource) -> Findings:
    """Whoever takes on a role has to show again who they are after an hour."""
    seconds = role.props.get("maxSessionDuration") or LONGEST_SESSION_S
    if seconds > LONGEST_SESSION_S:
        yield f"maxSessionDuration is {seconds:.0f} seconds, expected {LONGEST_SESSION_S} or less"


@resource_rule(
    "gateway-token-lifetime-bounded",
    *LONG_RUNNING,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(2)(iii) 312(d)"),
    remediation=f"set {LIFETIME} to {LONGEST_SESSION_S} seconds or less, or leave it out.",
    link="https://www.rfc-editor.org/rfc/rfc9068",
)
def gateway_token_lifetime_bounded(workload: Resource) -> Findings:
    """The gateway takes no token that is good for longer than an hour, whatever the issuer says."""
    for where, item in pod_named(workload, "gateway").containers("containers"):
        said = variable(item, LIFETIME)
        if said is not None and not (said.isdigit() and int(said) <= LONGEST_SESSION_S):
            yield f"{where} has {LIFETIME} {said or 'from elsewhere'}, expected {LONGEST_SESSION_S} or less"
