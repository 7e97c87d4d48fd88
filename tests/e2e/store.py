"""The emulated S3, asked from this machine as its administrator."""

from pathlib import Path
from typing import Any

import boto3

from tests.e2e.api import Api


def client(api: Api, container: dict[str, Any], *, namespace: str, authority: str, folder: Path) -> Any:
    """A client that reaches S3 as `container` does; `authority` is the ConfigMap with what it trusts."""
    said = {variable["name"]: variable.get("value", "") for variable in container["env"]}
    trust = folder / "ca.pem"
    trust.write_text(api.get(f"/api/v1/namespaces/{namespace}/configmaps/{authority}")["data"]["ca.pem"])
    return boto3.client(
        "s3",
        endpoint_url=said["AWS_ENDPOINT_URL"],
        region_name=said["AWS_REGION"],
        aws_access_key_id="emulated",
        aws_secret_access_key="emulated",
        verify=str(trust),
    )


def trusted(template: dict[str, Any]) -> str:
    """The ConfigMap that a pod's volume `aws-ca` shows."""
    [name] = [volume["configMap"]["name"] for volume in template["volumes"] if volume["name"] == "aws-ca"]
    return str(name)
