"""AWS Config records everything, delivers it encrypted, and judges it."""

import pytest

from infra.audit import conformance_pack
from infra.audit.recorder import Recorder, RecorderArgs
from tests.infra.components import Component, context, run_component
from tests.infra.conftest import ACCOUNT


@pytest.fixture(scope="module")
def recorder() -> Component:
    """The recorder by itself."""

    def build() -> None:
        Recorder("configuration-recorder", RecorderArgs(context(), bucket="archive-abc", key_arn="archive-key"))

    return run_component(build)


def test_every_type_is_recorded_at_each_change(recorder: Component) -> None:
    """Global types too, and nothing only once a day."""
    found = recorder.only("cfg/recorder:Recorder")
    assert found["name"] == "inference-test"
    assert found["recordingGroup"] == {"allSupported": True, "includeGlobalResourceTypes": True}
    assert found["recordingMode"] == {"recordingFrequency": "CONTINUOUS"}


def test_recorder_acts_with_the_service_linked_role(recorder: Component) -> None:
    """The role is AWS Config's own, whose rights AWS keeps up with its types."""
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    assert recorder.only("cfg/recorder:Recorder")["roleArn"] == role
    assert not recorder.of("Role")


def test_records_are_delivered_to_the_archive_with_its_key(recorder: Component) -> None:
    """Histories come as they change, a snapshot every day, both encrypted with the archive's key."""
    channel = recorder.only("DeliveryChannel")
    assert channel["s3BucketName"] == "archive-abc"
    assert channel["s3KmsKeyArn"] == "archive-key"
    assert channel["snapshotDeliveryProperties"] == {"deliveryFrequency": "TwentyFour_Hours"}


def test_recording_is_on(recorder: Component) -> None:
    """A recorder that is made records nothing until it is started, which needs a channel."""
    status = recorder.only("RecorderStatus")
    assert (status["name"], status["isEnabled"]) == ("inference-test", True)
    assert "delivery-channel" in recorder.waits_for("recording")
    assert "recorder" in recorder.waits_for("delivery-channel")


def test_hipaa_pack_judges_what_is_recorded(recorder: Component) -> None:
    """The pack is delivered in the request itself, once something is recorded."""
    pack = recorder.only("ConformancePack")
    assert pack["name"] == "inference-test-hipaa-security"
    assert pack["templateBody"] == conformance_pack.template()
    assert "recording" in recorder.waits_for("hipaa-security")
