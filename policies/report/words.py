"""Sentences that more than one format of the report says."""

from collections.abc import Mapping, Sequence

from policies.controls import Decided
from policies.report.model import Report
from policies.report.results import Result
from policies.report.rows import Row

SECTIONS = (
    ("164.308", "Administrative safeguards"),
    ("164.310", "Physical safeguards"),
    ("164.312", "Technical safeguards"),
    ("164.314", "Organizational requirements"),
    ("164.316", "Policies, procedures and documentation"),
)
SEEN = {
    "preview": "in a preview, before anything was made",
    "up": "while it was applied",
    "state": "in its state, after it was applied",
    "unknown": "in a run that does not say which kind it was",
}
DECIDED = {
    Decided.IAC: "Decided by code.",
    Decided.PARTIAL: "Decided by code in part.",
    Decided.INHERITED: "Inherited from the cloud provider.",
    Decided.ORGANISATIONAL: "Up to the organisation.",
}
EMULATED = (
    "No AWS account was asked or changed: an emulator on one machine answered for AWS. This report shows that the program "
    "declares its resources rightly; it says nothing about an account."
)
PREVIEW = (
    "A preview cannot see what comes into being with a resource. "
    "What depends on such values is unknown until the stack is applied."
)
PURPOSE = "Evidence for a review, not a finding of compliance."
LIMITS = (
    "Resources outside this stack: whatever it says it inherits, the identity provider, networks that are peered with the VPC.",
    "What happens after the run: changes by hand, certificates that expire, images that need patches, who reads which log.",
    "What programs do: how well text is de-identified, what audit records say, how application code handles PHI.",
    "Whether an attestation or a declaration of what is inherited is true: they are shown as they were written.",
    "People, contracts, facilities and devices, beyond what somebody attested.",
)


def seen(report: Report) -> str:
    """How the stack was looked at."""
    if report.applied and report.run.mode == "unknown":
        return "while it was applied, says the command that wrote this report"
    return SEEN[report.run.mode]


def provenance(report: Report) -> Mapping[str, str]:
    """Where the report comes from, by heading."""
    profile = report.profile
    return {
        "Stack": report.stack,
        "Seen": seen(report),
        "Cloud": "AWS was emulated" if report.emulated_aws else "AWS",
        "Date": report.run.date,
        "Resources": str(report.resources),
        "Policy pack": f"{report.run.pack} {report.run.version}, {len(report.rules)} rules",
        "Rule": f"{profile.title} ({profile.status})",
        "SHA-256 of the results": report.run.digest,
    }


def sections(rows: Sequence[Row]) -> list[tuple[str, str, list[Row]]]:
    """The rows by section: its number, its title, its rows; what a profile adds beside them comes last."""
    known = tuple(part for part, _ in SECTIONS)
    parts = [(part, title, [row for row in rows if row.control.id.startswith(part)]) for part, title in SECTIONS]
    added = [row for row in rows if not row.control.id.startswith(known)]
    return [item for item in (*parts, ("added", "Added by the profile", added)) if item[2]]


def source(result: Result) -> str:
    """The line of the program that made the resource, as `file:line`; empty where the engine did not say."""
    return f"{result.source.file}:{result.source.line}" if result.source else ""
