"""What moto lacks, kind by kind: the operations that make, read, change and remove a thing, and what AWS adds to it."""

from collections.abc import Mapping

from local.aws.lacking import backup, detection, ecr, eks
from local.aws.lacking.kind import Kind

KINDS: tuple[Kind, ...] = (*eks.KINDS, *detection.KINDS, *backup.KINDS, *ecr.KINDS)

TAGGED: Mapping[str, tuple[str, ...]] = {
    "eks": ("addon/", "access-entry/", "podidentityassociation/"),
    "guardduty": ("detector/", "malware-protection-plan/"),
    "accessanalyzer": ("analyzer/",),
}
"""service -> how the resource part of the ARNs begins whose tags moto cannot change."""

ELSEWHERE = ("detector/",)
"""Those of them whose things moto has."""
