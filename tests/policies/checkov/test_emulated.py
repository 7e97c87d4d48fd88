"""A stack's example configuration is made applicable to an account that is empty, and a Kubernetes that accepts all."""

from typing import Any

from google.protobuf import json_format, struct_pb2

from infra.config_types import PLACEHOLDER_CERTIFICATE, PLACEHOLDER_DIGEST
from policies.checkov.accepting_provider import named
from policies.checkov.emulated import applicable

REAL = "sha256:" + "a" * 64


def test_placeholders_give_way_and_what_is_real_stays() -> None:
    """An update refuses placeholders; the certificate is one of the emulated account's."""
    config = {
        "inference:imageDigests": {"gateway": PLACEHOLDER_DIGEST, "triton": REAL},
        "inference:edge": {"domainName": "inference.example.com", "certificateId": PLACEHOLDER_CERTIFICATE},
        "inference:environment": "dev",
    }
    values = applicable(config, certificate_id="1-2-3")
    assert values["inference:imageDigests"]["triton"] == REAL
    assert values["inference:imageDigests"]["gateway"] not in (PLACEHOLDER_DIGEST, REAL)
    assert values["inference:edge"] == {"domainName": "inference.example.com", "certificateId": "1-2-3"}
    assert set(values) == {"inference:imageDigests", "inference:edge"}


def test_a_stack_without_images_or_edge_is_left_so() -> None:
    """Checked is what the configuration describes, not more."""
    assert applicable({"inference:environment": "dev"}, certificate_id="1-2-3") == {}


def _named(inputs: dict[str, Any], name: str) -> dict[str, Any]:
    given = struct_pb2.Struct()
    given.update(inputs)
    filled: dict[str, Any] = json_format.MessageToDict(named(given, name))
    return filled


def test_an_object_gets_a_name_where_it_has_none() -> None:
    """The names of others refer to it."""
    assert _named({"kind": "ConfigMap"}, "jwks")["metadata"] == {"name": "jwks"}
    assert _named({"metadata": {"namespace": "a"}}, "jwks")["metadata"] == {"name": "jwks", "namespace": "a"}
    assert _named({"metadata": {"name": "mine"}}, "jwks")["metadata"] == {"name": "mine"}
