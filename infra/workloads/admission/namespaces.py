"""The namespaces themselves: whoever takes their labels off takes off what is bound to those."""

from infra.workloads import namespaces
from infra.workloads.admission.policy import PART_OF, PART_OF_LABEL, Policy, Resources, Rule, quoted

ENFORCE = "pod-security.kubernetes.io/enforce"


def _ours(of: str) -> str:
    return f"{of}.metadata.?labels[?'{PART_OF_LABEL}'].orValue('') == '{PART_OF}'"


POLICY = Policy(
    name="inference-namespaces",
    resources=(Resources("", ("namespaces",)),),
    conditions={
        "is-or-was-the-stacks": f"object.metadata.name in {quoted(namespaces.NAMES)} || {_ours('object')} || "
        f"(request.operation == 'UPDATE' && {_ours('oldObject')})",
    },
    variables={"level": f"object.metadata.?labels[?'{ENFORCE}'].orValue('')"},
    rules=(
        Rule(
            "disowned",
            f"{_ours('object')} ? [] : [object.metadata.name]",
            f"namespace {{}}: the policies of the stack hold where the label {PART_OF_LABEL} is {PART_OF}; leave it.",
        ),
        Rule(
            "unenforced",
            f"object.metadata.name == '{namespaces.SYSTEM}' || variables.level == 'restricted' ? [] : [object.metadata.name]",
            f"namespace {{}}: pods in it are to be restricted; set the label {ENFORCE} to restricted.",
        ),
    ),
    everywhere=True,
)
