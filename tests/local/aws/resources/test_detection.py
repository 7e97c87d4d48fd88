"""GuardDuty and Security Hub, beyond the life of the examples."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.aws.api import ApiError
from tests.local.aws.conftest import World

DETECTOR, FEATURE = "aws:guardduty/detector:Detector", "aws:guardduty/detectorFeature:DetectorFeature"
HUB = "aws:securityhub/account:Account"
STANDARD = "aws:securityhub/standardsSubscription:StandardsSubscription"
FEATURES = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RUNTIME_MONITORING", "LAMBDA_NETWORK_LOGS")


def test_features_that_are_set_at_once_all_stay(world: World) -> None:
    """The engine sets the features of a detector side by side."""
    detector = world.refer(DETECTOR, "id")
    lifecycle = world.lifecycle(FEATURE)

    def enable(name: str) -> None:
        lifecycle.create({"detectorId": detector, "name": name, "status": "ENABLED"})

    with ThreadPoolExecutor(len(FEATURES)) as pool:
        list(pool.map(enable, FEATURES))
    living = world.api.call("guardduty", "get_detector", {"DetectorId": detector})["Features"]
    assert {feature["Name"]: feature["Status"] for feature in living} == dict.fromkeys(FEATURES, "ENABLED")


def test_a_hub_that_is_enabled_again_has_no_old_settings(world: World) -> None:
    """What was set goes with the hub."""
    lifecycle = world.lifecycle(HUB)
    identity, outputs = lifecycle.create({"autoEnableControls": False})
    assert lifecycle.read(identity, outputs) == {**outputs, "autoEnableControls": False}
    lifecycle.delete(identity, outputs)
    identity, outputs = lifecycle.create({})
    assert lifecycle.read(identity, outputs) == {**outputs, "autoEnableControls": True}


def test_a_standard_needs_a_hub(world: World) -> None:
    """Without Security Hub there is nothing to subscribe to standards."""
    with pytest.raises(ApiError, match="batch_enable_standards was refused: InvalidAccessException"):
        world.lifecycle(STANDARD).create(
            {"standardsArn": "arn:aws:securityhub:us-east-1::standards/nist-800-53/v/5.0.0"}
        )
