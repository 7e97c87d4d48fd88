"""AWS's conformance pack for HIPAA: every rule of it is accounted for."""

from collections import Counter

from infra.audit.conformance_pack import rules as deployed
from policies.conformance_pack import CONFORMANCE_PACK_FILE, Fate, load_conformance_pack
from policies.rules import RULES

DECIDED = """
alb-http-to-https-redirection-check alb-waf-enabled autoscaling-group-elb-healthcheck-required
autoscaling-launch-config-public-ip-disabled backup-plan-min-frequency-and-min-retention-check
backup-recovery-point-encrypted backup-recovery-point-manual-deletion-disabled cloud-trail-cloud-watch-logs-enabled
cloud-trail-encryption-enabled cloud-trail-log-file-validation-enabled cloudtrail-enabled
cloudtrail-s3-dataevents-enabled cloudwatch-alarm-action-check ebs-in-backup-plan ec2-ebs-encryption-by-default
ec2-imdsv2-check ec2-instance-no-public-ip ec2-instance-profile-attached ec2-instances-in-vpc
ec2-resources-protected-by-backup-plan elb-deletion-protection-enabled elb-logging-enabled
elbv2-acm-certificate-required encrypted-volumes guardduty-enabled-centralized iam-customer-policy-blocked-kms-actions
iam-inline-policy-blocked-kms-actions iam-no-inline-policy-check iam-password-policy
iam-policy-no-statements-with-admin-access iam-policy-no-statements-with-full-access iam-user-no-policies-check
internet-gateway-authorized-vpc-only multi-region-cloudtrail-enabled no-unrestricted-route-to-igw
restricted-common-ports restricted-ssh s3-account-level-public-access-blocks-periodic s3-bucket-acl-prohibited
s3-bucket-default-lock-enabled s3-bucket-logging-enabled s3-bucket-public-read-prohibited
s3-bucket-public-write-prohibited s3-bucket-replication-enabled s3-bucket-server-side-encryption-enabled
s3-bucket-ssl-requests-only s3-bucket-versioning-enabled s3-default-encryption-kms s3-event-notifications-enabled
s3-version-lifecycle-policy-check secretsmanager-rotation-enabled-check secretsmanager-using-cmk securityhub-enabled
sns-encrypted-kms ssm-document-not-public subnet-auto-assign-public-ip-disabled vpc-default-security-group-closed
vpc-flow-logs-enabled vpc-sg-open-only-to-authorized-ports wafv2-logging-enabled
"""
"""What a program can decide of services that such programs run: 59 rules, and that on topics of SNS."""


def test_all_rules_of_awss_pack_are_there_once() -> None:
    """The 130 that the account's own conformance pack deploys, each with one fate."""
    found = [rule.name for rule in load_conformance_pack()]
    assert len(found) == len(set(found)) == 130
    assert set(found) == set(deployed())
    written = [line.partition(":")[0] for line in CONFORMANCE_PACK_FILE.read_text().splitlines() if line[:1].isalnum()]
    assert written == found  # YAML would keep the last of two with one name
    assert Counter(rule.fate for rule in load_conformance_pack()) == {Fate.DECIDED: 60, Fate.STATE: 15, Fate.UNUSED: 55}


def test_what_a_program_can_decide_is_decided_by_rules_that_exist() -> None:
    """No rule of AWS's about what a program declares is without one here."""
    decided = {rule.name for rule in load_conformance_pack() if rule.fate is Fate.DECIDED}
    assert decided == set(DECIDED.split())
    assert all(rule.rules for rule in load_conformance_pack() if rule.fate is Fate.DECIDED)


def test_every_rule_that_the_map_names_exists() -> None:
    """A rule that was renamed or removed does not go on deciding."""
    assert {name for rule in load_conformance_pack() for name in rule.rules} <= {rule.name for rule in RULES}


def test_what_no_program_decides_says_why() -> None:
    """The account's state and services that are not run have a reason each."""
    assert all(rule.reason for rule in load_conformance_pack() if rule.fate is not Fate.DECIDED)
