"""Certificates in the emulated AWS Certificate Manager: what a forked stack's owner imports by hand."""

from pathlib import Path
from typing import Any

import boto3

_FAR = {"aws_access_key_id": "emulated", "aws_secret_access_key": "emulated"}


def imported(endpoint: str, *, region: str, ca_certificate: Path, certificate: Path, key: Path) -> str:
    """Id of `certificate` (PEM) in the emulated account, imported with its `key` where it is not there yet.

    `ca_certificate` is the authority behind the emulator's own TLS.
    """
    acm = boto3.client("acm", region_name=region, endpoint_url=endpoint, verify=str(ca_certificate), **_FAR)
    wanted = certificate.read_text()
    arn = _found(acm, wanted) or _import(acm, wanted, key)
    return arn.rpartition("/")[2]


def _found(acm: Any, wanted: str) -> str | None:
    arns = [each["CertificateArn"] for each in acm.list_certificates()["CertificateSummaryList"]]
    held = {arn: acm.get_certificate(CertificateArn=arn)["Certificate"] for arn in arns}
    return next((arn for arn, pem in held.items() if pem.strip() == wanted.strip()), None)


def _import(acm: Any, wanted: str, key: Path) -> str:
    answer = acm.import_certificate(Certificate=wanted.encode(), PrivateKey=key.read_bytes())
    return str(answer["CertificateArn"])
