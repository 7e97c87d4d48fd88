"""What Checkov answers is told by resource; what it did not look at is an error, never a silence."""

from pathlib import Path

import pytest

from policies.checkov import scan as module
from policies.checkov.scan import Result, run_checkov, scan
from policies.errors import PolicyError
from tests.policies.checkov.answers import FakeCheckov
from tests.policies.checkov.stacks import deployed

BUCKET = deployed("aws:s3/bucket:Bucket", "models", {})
SERVICE = deployed("kubernetes:core/v1:Service", "triton", {"apiVersion": "v1", "kind": "Service"})
ADDRESS, FILE = "aws_s3_bucket.models", "/kubernetes/0000.yaml"


def test_results_are_told_by_resource_and_a_skip_is_a_failure(tmp_path: Path) -> None:
    """Both frameworks name things their own way; an annotation that skips a check accepts nothing."""
    checkov = FakeCheckov(
        [("failed", "CKV_AWS_18", ADDRESS), ("passed", "CKV_AWS_21", ADDRESS), ("skipped", "CKV_K8S_21", FILE)]
    )
    found = scan([BUCKET, SERVICE], tmp_path / "stack", checkov)
    assert checkov.seen == [ADDRESS, FILE]
    assert [(result.check, result.resource, result.passed) for result in found.results] == [
        ("CKV_AWS_18", BUCKET.label, False),
        ("CKV_AWS_21", BUCKET.label, True),
        ("CKV_K8S_21", SERVICE.label, False),
    ]
    assert (found.version, found.resources, found.unchecked) == ("3.0.0", 2, ())


@pytest.mark.parametrize("order", [("passed", "failed"), ("failed", "passed")])
def test_a_failure_stands_where_a_check_judged_twice(tmp_path: Path, order: tuple[str, str]) -> None:
    """A Deployment and the pods in it are one resource here."""
    checkov = FakeCheckov([(outcome, "CKV_K8S_16", FILE) for outcome in order])
    found = scan([SERVICE], tmp_path / "stack", checkov)
    assert found.results == (
        Result(check="CKV_K8S_16", title="Ensure CKV_K8S_16", resource=SERVICE.label, passed=False),
    )


def test_types_that_no_check_looked_at_are_named(tmp_path: Path) -> None:
    """A resource that was read and for which there is no check has not passed anything."""
    assert scan([BUCKET, SERVICE], tmp_path / "stack", FakeCheckov([("passed", "CKV_AWS_21", ADDRESS)])).unchecked == (
        SERVICE.type,
    )


@pytest.mark.parametrize(("unread", "label"), [(ADDRESS, BUCKET.label), (FILE, SERVICE.label)])
def test_a_resource_that_was_not_read_is_an_error(tmp_path: Path, unread: str, label: str) -> None:
    """Checkov says nothing of a file that it takes for invalid."""
    with pytest.raises(PolicyError, match="did not read") as refused:
        scan([BUCKET, SERVICE], tmp_path / "stack", FakeCheckov(unread=[unread]))
    assert label in str(refused.value)


def test_a_parsing_error_is_an_error(tmp_path: Path) -> None:
    """What could not be parsed was not checked."""

    def spoil(reports: list[dict[str, dict[str, list[str]]]]) -> object:
        reports[0]["results"]["parsing_errors"] = ["plan.json"]
        return reports

    with pytest.raises(PolicyError, match=r"could not parse plan\.json"):
        scan([BUCKET], tmp_path / "stack", FakeCheckov(change=spoil))


def test_a_resource_of_a_third_kind_is_refused(tmp_path: Path) -> None:
    """It would be in no plan and in no manifest."""
    with pytest.raises(PolicyError, match="tls:index/privateKey:PrivateKey::key"):
        scan([deployed("tls:index/privateKey:PrivateKey", "key", {})], tmp_path / "stack", FakeCheckov())


def test_an_answer_that_is_not_json_is_refused(tmp_path: Path) -> None:
    """One sentence, not a traceback."""
    with pytest.raises(PolicyError, match="not JSON"):
        scan([BUCKET], tmp_path / "stack", lambda folder: "Traceback")


def test_without_checkov_the_command_that_installs_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is in the sentence."""
    monkeypatch.setattr(module, "EXECUTABLE", tmp_path / "none")
    with pytest.raises(PolicyError, match=r"local/bootstrap\.sh \.venv-checkov"):
        run_checkov(tmp_path)


def test_checkov_sees_nothing_of_the_callers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the user's changes what is checked, and no credential reaches it."""
    fake = tmp_path / "checkov"
    fake.write_text("#!/bin/sh\nenv\n")
    fake.chmod(0o755)
    monkeypatch.setattr(module, "EXECUTABLE", fake)
    monkeypatch.setenv("CKV_SKIP_CHECK", "CKV_AWS_18")
    monkeypatch.setenv("BC_API_KEY", "secret")
    (tmp_path / "stack").mkdir()
    seen = dict(line.split("=", 1) for line in run_checkov(tmp_path / "stack").splitlines())
    assert seen.keys() <= {"PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_"}
    assert seen["HOME"] != str(Path.home())


def test_a_checkov_that_fails_is_an_error_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer would look like a clean one."""
    fake = tmp_path / "checkov"
    fake.write_text("#!/bin/sh\necho 'no such option' >&2\nexit 2\n")
    fake.chmod(0o755)
    monkeypatch.setattr(module, "EXECUTABLE", fake)
    (tmp_path / "stack").mkdir()
    with pytest.raises(PolicyError, match="no such option"):
        run_checkov(tmp_path / "stack")
