"""The limits as settings."""

from collections.abc import Mapping

import pytest

from services.gateway.settings import Settings, SettingsError, load_settings

NEEDED = {
    "TRITON_URL": "dns:///triton.test.invalid:8001",
    "AUTH_ISSUER": "https://issuer.test.invalid",
    "AUTH_AUDIENCE": "inference-gateway",
    "AUTH_JWKS_FILE": "jwks.json",
    "TLS_CERTIFICATE": "tls.crt",
    "TLS_KEY": "tls.key",
    "TRITON_CA": "ca.crt",
}


def settings(monkeypatch: pytest.MonkeyPatch, changes: Mapping[str, str]) -> Settings:
    for name, value in {**NEEDED, **changes}.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    return load_settings()


def test_there_are_limits_without_any_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway by itself bounds its callers."""
    found = settings(monkeypatch, {})
    assert (found.rate_requests_per_minute, found.rate_texts_per_minute, found.rate_concurrency) == (
        60_000,
        240_000,
        256,
    )
    assert (found.rate_max_replicas, found.rate_replicas_name) == (1, None)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RATE_REQUESTS_PER_MINUTE": "0"}, "RATE_REQUESTS_PER_MINUTE"),
        ({"RATE_TEXTS_PER_MINUTE": "191"}, "RATE_MAX_REPLICAS"),
        ({"RATE_REQUESTS_PER_MINUTE": "11", "RATE_MAX_REPLICAS": "2"}, "RATE_MAX_REPLICAS"),
        ({"RATE_CONCURRENCY": "3", "RATE_MAX_REPLICAS": "4"}, "RATE_MAX_REPLICAS"),
        ({"RATE_REPLICAS_NAME": "a name"}, "RATE_REPLICAS_NAME"),
        ({"TRITON_VERSIONS": "a,,b"}, "TRITON_VERSIONS"),
        ({"TRITON_SLOW_S": "0"}, "TRITON_SLOW_S"),
    ],
)
def test_limits_that_would_let_nothing_through_are_refused(
    monkeypatch: pytest.MonkeyPatch, changes: Mapping[str, str], named: str
) -> None:
    """Before the gateway serves, and by name."""
    with pytest.raises(SettingsError, match=f"^Set GATEWAY_{named} "):
        settings(monkeypatch, changes)
