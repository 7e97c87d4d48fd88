"""One run of Checkov over a stack: what it is given, and what it answers, by resource as this program names them."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.paths import REPO
from policies.checkov.manifests import manifest
from policies.checkov.state import Deployed
from policies.checkov.terraform import plan
from policies.errors import PolicyError

EXECUTABLE = REPO / ".venv-checkov" / "bin" / "checkov"
CHECKS = Path(__file__).parent / "checks"
READ = "CKV2_READ_1"
"""The check in checks/read.yaml, which every resource passes that Checkov has read."""

Checkov = Callable[[Path], str]
"""Looks at the plan and the manifests in a folder and answers with Checkov's JSON."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one check said of one resource, labelled `<type>::<logical name>`."""

    check: str
    title: str
    resource: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class _Record:
    """What Checkov said; `place` is an address in the plan, or the file of a manifest."""

    check: str
    title: str
    place: str
    passed: bool

    def result(self, labels: Mapping[str, str]) -> Result:
        return Result(check=self.check, title=self.title, resource=labels[self.place], passed=self.passed)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What one run said. `unchecked` are the types of resources that it has no check for."""

    version: str
    resources: int
    results: tuple[Result, ...]
    unchecked: tuple[str, ...]


def run_checkov(folder: Path) -> str:
    """The real one, in its own environment, with nothing of the caller's: no configuration, no account, no download.

    Raises PolicyError where it is not installed or fails.
    """
    if not EXECUTABLE.exists():
        raise PolicyError(
            "Checkov is not installed: run `sh local/bootstrap.sh .venv-checkov requirements/checkov.lock`."
        )
    command = [str(EXECUTABLE), "-d", ".", "--framework", "terraform_plan", "kubernetes", "-o", "json"]
    options = ["--external-checks-dir", str(CHECKS), "--skip-download", "--compact", "--soft-fail"]
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.defpath, "HOME": home, "LANG": "C.UTF-8"}
        done = subprocess.run([*command, *options], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise PolicyError(f"Checkov failed: {' '.join(done.stderr.split()[-40:])}")
    return done.stdout


def scan(resources: Sequence[Deployed], folder: Path, checkov: Checkov = run_checkov) -> Scan:
    """Write the resources down in `folder`, have them checked, and read the answer.

    Raises PolicyError for a resource that cannot be written down and for one that Checkov did not read.
    """
    labels = _write(resources, folder)
    reports = _reports(checkov(folder))
    records = [record for report in reports for record in _records(report)]
    unread = set(labels) - {record.place for record in records if record.check == READ}
    if unread:
        named = ", ".join(sorted(labels[place] for place in unread))
        raise PolicyError(f"Checkov did not read {named}: what is written down of it is invalid.")
    results = _once(record.result(labels) for record in records if record.check != READ)
    looked_at = {result.resource for result in results}
    return Scan(
        version=reports[0]["summary"]["checkov_version"],
        resources=len(resources),
        results=results,
        unchecked=tuple(sorted({each.type for each in resources if each.label not in looked_at})),
    )


def _write(resources: Sequence[Deployed], folder: Path) -> dict[str, str]:
    """Labels by what Checkov will name: an address in the plan, or the file of a manifest."""
    strange = [each.label for each in resources if not each.type.startswith(("aws:", "kubernetes:"))]
    if strange:
        raise PolicyError(f"{', '.join(strange)}: this check reads AWS and Kubernetes only.")
    document, labels = plan(each for each in resources if each.type.startswith("aws:"))
    manifests = folder / "kubernetes"
    manifests.mkdir(parents=True)
    (folder / "plan.json").write_text(json.dumps(document, indent=1))
    objects = [each for each in resources if each.type.startswith("kubernetes:")]
    for number, each in enumerate(objects):
        path = manifests / f"{number:04}.yaml"
        path.write_text(yaml.safe_dump(manifest(each)))
        labels[f"/{path.relative_to(folder)}"] = each.label
    return labels


def _reports(answer: str) -> list[Any]:
    """One report a framework, or a report alone where only one had something to read."""
    try:
        read = json.loads(answer)
    except ValueError as error:
        raise PolicyError("Checkov's answer is not JSON.") from error
    return read if isinstance(read, list) else [read]


def _records(report: Mapping[str, Any]) -> list[_Record]:
    """A check that an annotation of ours skips counts as failed: what is accepted is in accepted.yaml, nowhere else."""
    outcomes = report.get("results") or {}
    if outcomes.get("parsing_errors"):
        raise PolicyError(f"Checkov could not parse {', '.join(outcomes['parsing_errors'])}.")
    place = "resource" if report.get("check_type") == "terraform_plan" else "file_path"
    return [
        _Record(
            check=record["check_id"], title=record["check_name"], place=record[place], passed=key == "passed_checks"
        )
        for key in ("passed_checks", "failed_checks", "skipped_checks")
        for record in outcomes.get(key) or ()
    ]


def _once(results: Iterable[Result]) -> tuple[Result, ...]:
    """One result for each check and resource, in order; a pod template is judged twice, and a failure stands."""
    kept: dict[tuple[str, str], Result] = {}
    for result in results:
        earlier = kept.setdefault((result.check, result.resource), result)
        if earlier.passed and not result.passed:
            kept[result.check, result.resource] = result
    return tuple(kept[key] for key in sorted(kept))
