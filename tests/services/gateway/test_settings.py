import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from jwt.algorithms import ECAlgorithm
from starlette.testclient import TestClient

from services.gateway import __main__ as entry
from services.gateway.rotation import Rotation
from services.gateway.settings import SettingsError, load_settings
from services.gateway.wiring import build_app
from tests.pki import mount
from tests.services.gateway.fake_triton import AUTHORITY, GATEWAY, IDENTITY
from tests.services.gateway.harness import KEY


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [{**ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "a"}]}))
    monkeypatch.setenv("GATEWAY_TRITON_URL", "dns:///triton.test.invalid:8001")
    monkeypatch.setenv("GATEWAY_AUTH_ISSUER", "https://issuer.test.invalid")
    monkeypatch.setenv("GATEWAY_AUTH_AUDIENCE", "inference-gateway")
    monkeypatch.setenv("GATEWAY_AUTH_JWKS_FILE", str(jwks))
    mount(tmp_path / "tls", AUTHORITY.leaf(GATEWAY), AUTHORITY.pem)
    monkeypatch.setenv("GATEWAY_TLS_CERTIFICATE", str(tmp_path / "tls/tls.crt"))
    monkeypatch.setenv("GATEWAY_TLS_KEY", str(tmp_path / "tls/tls.key"))
    monkeypatch.setenv("GATEWAY_TRITON_CA", str(tmp_path / "tls/ca.crt"))
    monkeypatch.setattr("services.gateway.logs.configure", lambda: None)
    return monkeypatch


def test_defaults_are_safe(environment: pytest.MonkeyPatch) -> None:
    """Only what differs between deployments has to be set; documentation is off."""
    settings = load_settings()
    assert (settings.docs, settings.port, settings.triton_model) == (False, 8443, "sentiment")
    assert (settings.drain_s, settings.auth_leeway_s, settings.auth_max_lifetime_s) == (0, 30, 3600)
    assert (settings.auth_accept_typ_jwt, settings.auth_callers_file) == (False, None)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWAY_TRITON_URL", None),
        ("GATEWAY_AUTH_ISSUER", None),
        ("GATEWAY_AUTH_AUDIENCE", ""),
        ("GATEWAY_AUTH_LEEWAY_S", "61"),
        ("GATEWAY_AUTH_MAX_LIFETIME_S", "86401"),
        ("GATEWAY_AUTH_ACCEPT_TYP_JWT", "perhaps"),
        ("GATEWAY_DEIDENTIFY_THREADS", "0"),
        ("GATEWAY_DOCS", "Mary"),
        ("GATEWAY_TRITON_MODEL", "../other"),
        ("GATEWAY_TLS_CERTIFICATE", None),
        ("GATEWAY_TLS_KEY", None),
        ("GATEWAY_TRITON_CA", None),
        ("GATEWAY_DRAIN_S", "61"),
    ],
)
def test_a_bad_setting_is_named(environment: pytest.MonkeyPatch, variable: str, value: str | None) -> None:
    """The error is one line that names the variable and not its value."""
    if value is None:
        environment.delenv(variable)
    else:
        environment.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable) as refusal:
        load_settings()
    assert "Mary" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("variable", ["GATEWAY_AUTH_ISSUER", "GATEWAY_AUTH_JWKS_FILE", "GATEWAY_TLS_KEY"])
def test_a_bad_setting_stops_the_start(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str
) -> None:
    """The process says one sentence and exits with 2."""
    if variable == "GATEWAY_AUTH_ISSUER":
        environment.delenv(variable)
    else:
        environment.setenv(variable, "/nonexistent")
    assert entry.main() == 2
    written = capsys.readouterr().err
    assert variable in written
    assert written.count("\n") == 1


def test_the_server_hides_itself(environment: pytest.MonkeyPatch) -> None:
    """No access log (it would hold query strings), no server header, no trust in forwarded headers."""
    config = entry.build_server(FastAPI(), load_settings(), Rotation(lambda: IDENTITY)).config
    assert (config.host, config.port) == ("0.0.0.0", 8443)
    assert (config.access_log, config.server_header, config.proxy_headers, config.log_config) == (
        *(False, False, False),
        None,
    )


def test_the_server_speaks_tls_only(environment: pytest.MonkeyPatch) -> None:
    """It listens with the context that shows the newest certificate, and so never in clear."""
    rotation = Rotation(lambda: IDENTITY)
    config = entry.build_server(FastAPI(), load_settings(), rotation).config
    config.load()
    assert config.is_ssl
    assert config.ssl is rotation.context


def test_the_real_parts_fit_together(environment: pytest.MonkeyPatch) -> None:
    """The wiring of the entry point starts, is alive, and isn't ready without Triton."""
    environment.setattr("services.gateway.wiring.TextEngine", lambda policy, key: _Engine())
    with TestClient(build_app(load_settings(), Rotation(lambda: IDENTITY))) as client:
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503


class _Engine:
    def deidentify(self, text: str, scope: object = None) -> None: ...
