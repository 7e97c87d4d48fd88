"""The mapping of client certificates to scopes."""

import json
from typing import Any

import pytest

from services.gateway.auth.callers import names_of, parse_callers
from services.gateway.settings import SettingsError
from tests.services.gateway.fake_triton import AUTHORITY, GATEWAY

BATCH = "batch.inference.svc.cluster.local"
SPIFFE = "spiffe://inference.example/ns/inference/sa/batch"


def mapping(*callers: Any) -> bytes:
    return json.dumps({"callers": callers}).encode()


def test_a_mapping_is_yaml() -> None:
    """Scopes by DNS name or URI."""
    document = (
        f"callers:\n- {{san: {BATCH}, scopes: [classify]}}\n- san: {SPIFFE}\n  scopes: ['audit:read', deidentify]\n"
    )
    assert parse_callers(document.encode(), own_names=frozenset({GATEWAY})) == {
        BATCH: {"classify"},
        SPIFFE: {"audit:read", "deidentify"},
    }


def test_a_mapping_may_be_empty() -> None:
    """Then no certificate is known."""
    assert parse_callers(b"callers: []", own_names=frozenset()) == {}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "can't be read"),
        (b"callers:", "can't be read"),
        (b"- san", "can't be read"),
        (b"callers: [", "can't be read"),
        (b"\xff", "can't be read"),
        (b"callers: !!python/object/apply:os.system [ls]", "can't be read"),
        (mapping({"san": BATCH}), "can't be read"),
        (mapping({"san": BATCH, "scopes": []}), "can't be read"),
        (mapping({"san": BATCH, "scopes": ["everything"]}), "can't be read"),
        (mapping({"san": BATCH, "scopes": "classify"}), "can't be read"),
        (mapping({"san": BATCH, "scopes": ["classify"], "admin": True}), "can't be read"),
        (mapping({"san": "*.inference.svc.cluster.local", "scopes": ["classify"]}), "can't be read"),
        (mapping({"san": BATCH.upper(), "scopes": ["classify"]}), "can't be read"),
        (mapping({"san": "batch", "scopes": ["classify"]}), "can't be read"),
        (mapping({"san": f"{BATCH}\n", "scopes": ["classify"]}), "can't be read"),
        (mapping({"san": BATCH, "scopes": ["classify"]}, {"san": BATCH, "scopes": ["audit:read"]}), "repeats a name"),
        (mapping({"san": GATEWAY, "scopes": ["classify"]}), "names the gateway itself"),
    ],
)
def test_mappings_that_are_refused(document: bytes, said: str) -> None:
    """In one sentence that says what to do."""
    with pytest.raises(SettingsError, match=said) as refusal:
        parse_callers(document, own_names=frozenset({GATEWAY}))
    assert refusal.value.__cause__ is None


def test_the_gateways_own_names_are_those_of_its_certificate() -> None:
    """Every DNS name, and none of a certificate without any."""
    assert names_of(AUTHORITY.leaf(GATEWAY, "gateway.gateway", "127.0.0.1").chain) == {GATEWAY, "gateway.gateway"}
    assert names_of(AUTHORITY.leaf("127.0.0.1").chain) == frozenset()
