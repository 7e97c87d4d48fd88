"""Service-account tokens: a pod holds none that it does not declare, and nobody makes one by hand."""

from infra.identity import AUDIENCE
from infra.workloads.admission import pods
from infra.workloads.admission.policy import Policy, Resources, Rule, quoted
from infra.workloads.namespaces import SYSTEM

REASON = "inference/service-account-token"
"""Annotation of a pod that says what it needs its token for."""
REASON_LENGTH = 10
"""Characters at least."""
AUDIENCES = (AUDIENCE,)
"""Whom pods may hold tokens for."""

_TOKENS = "v.projected.sources.filter(s, has(s.serviceAccountToken)).map(s, s.serviceAccountToken)"
_KNOWN = f"t.?audience.orValue('') in {quoted(AUDIENCES)} || (request.namespace == '{SYSTEM}' && t.?audience.orValue('') == '')"

_PODS = Policy(
    name="inference-tokens",
    resources=pods.RESOURCES,
    conditions=pods.CONDITIONS,
    variables={
        **pods.VARIABLES,
        "reason": f"variables.pod.?metadata.?annotations[?'{REASON}'].orValue('').trim()",
        "holding": f"variables.volumes.filter(v, has(v.projected) && size({_TOKENS}) > 0)",
    },
    rules=(
        Rule(
            "mounted",
            "variables.spec.?automountServiceAccountToken.orValue(true) ? ['automountServiceAccountToken'] : []",
            "{} is not false: every container would hold a token for the Kubernetes API; set it to false in the pod's spec.",
        ),
        Rule(
            "undeclared",
            f"size(variables.reason) < {REASON_LENGTH} ? variables.holding.map(v, v.name) : []",
            f"volume {{}}: it holds a service-account token for no declared reason; say in the pod's annotation {REASON} "
            f"what the token is for, in {REASON_LENGTH} characters or more.",
        ),
        Rule(
            "misdirected",
            f"variables.holding.filter(v, !{_TOKENS}.all(t, {_KNOWN})).map(v, v.name)",
            f"volume {{}}: its token is not for {' or '.join(AUDIENCES)}; set that audience: a token without one opens the "
            f"Kubernetes API, which only pods of `{SYSTEM}` may be given.",
        ),
    ),
)
_SECRETS = Policy(
    name="inference-token-secrets",
    resources=(Resources("", ("secrets",)),),
    rules=(
        Rule(
            "lasting",
            "object.?type.orValue('') == 'kubernetes.io/service-account-token' ? ['kubernetes.io/service-account-token'] : []",
            "{}: a Secret of this type holds a token that never ends; project a short-lived one into the pod instead.",
        ),
    ),
    reason="Forbidden",
)
_REQUESTS = Policy(
    name="inference-token-requests",
    resources=(Resources("", ("serviceaccounts/token",), operations=("CREATE",)),),
    # The kubelet asks for the tokens of its pods.
    conditions={"not-for-a-pod": "!('system:nodes' in request.userInfo.groups)"},
    rules=(
        Rule(
            "byHand",
            "[request.name]",
            "a token of {} would let its holder act as the workload; call as yourself, with rights of your own.",
        ),
    ),
    reason="Forbidden",
)
POLICIES = (_PODS, _SECRETS, _REQUESTS)
