"""CloudTrail, beyond the life of the example."""

from tests.local.aws.conftest import World

TRAIL = "aws:cloudtrail/trail:Trail"


def test_a_trail_whose_selectors_are_taken_away_logs_management_events(world: World) -> None:
    """No selectors are the ones of a new trail, not none at all."""
    lifecycle = world.lifecycle(TRAIL)
    inputs = {"name": "trail", "s3BucketName": world.refer("aws:s3/bucket:Bucket", "bucket")}
    data = {"type": "AWS::S3::Object", "values": ["arn:aws:s3:::models/"]}
    chosen = {**inputs, "eventSelectors": [{"includeManagementEvents": False, "dataResources": [data]}]}
    identity, outputs = lifecycle.create(chosen)
    (selector,) = world.api.call("cloudtrail", "get_event_selectors", {"TrailName": identity})["EventSelectors"]
    resources = [{"Type": data["type"], "Values": data["values"]}]
    assert selector == {"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": resources}
    lifecycle.update(identity, outputs, chosen, inputs)
    (selector,) = world.api.call("cloudtrail", "get_event_selectors", {"TrailName": identity})["EventSelectors"]
    assert selector == {"ReadWriteType": "All", "IncludeManagementEvents": True}
