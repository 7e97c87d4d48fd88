"""Labels: whose each thing is, so that policies, selectors and people find it."""

from infra.workloads.admission import pods
from infra.workloads.admission.policy import PART_OF, PART_OF_LABEL, Policy, Resources, Rule, quoted

REQUIRED = (pods.APP_LABEL, "app.kubernetes.io/component", PART_OF_LABEL, "app.kubernetes.io/managed-by")


def _labelled(of: str) -> str:
    """CEL: everything in `of` that has labels which end on something that runs, from the outside in."""
    return (
        f"(request.kind.kind in ['Pod', 'Service'] ? [dyn({of})] : request.kind.kind == 'CronJob' ? "
        f"[dyn({of}), dyn({of}).spec.jobTemplate, dyn({of}).spec.jobTemplate.spec.template] : "
        f"[dyn({of}), dyn({of}).spec.template])"
    )


def _labels(of: str) -> str:
    return f"{_labelled(of)}.map(o, o.?metadata.?labels.orValue({{}}))"


POLICY = Policy(
    name="inference-labels",
    resources=(*pods.RESOURCES, Resources("", ("services",))),
    conditions={"labels-differ": f"request.operation == 'CREATE' || {_labels('object')} != {_labels('oldObject')}"},
    variables={"labels": _labels("object")},
    rules=(
        Rule(
            "missing",
            f"{quoted(REQUIRED)}.filter(key, variables.labels.exists(found, found[?key].orValue('') == ''))",
            "label {}: it is missing; set it on the object and on the pods that it makes.",
        ),
        Rule(
            "strange",
            f"variables.labels.map(found, found['{PART_OF_LABEL}']).filter(value, value != '{PART_OF}')",
            f"label {PART_OF_LABEL}: {{}}; set it to {PART_OF}, as on everything in these namespaces.",
        ),
    ),
)
