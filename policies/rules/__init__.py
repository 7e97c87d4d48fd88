"""Every rule of the pack; a new module of rules is imported here."""

from policies.rules import (
    audit_trail,
    encryption,
    exposure,
    identity,
    integrity,
    isolation,
    nodes,
    phi_path,
    workload_security,
)
from policies.rules.rule import RULES

__all__ = [
    "RULES",
    "audit_trail",
    "encryption",
    "exposure",
    "identity",
    "integrity",
    "isolation",
    "nodes",
    "phi_path",
    "workload_security",
]
