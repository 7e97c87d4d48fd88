"""Which tokens are accepted, and as whose."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from services.gateway.auth import Principal
from services.gateway.auth.keys import parse_jwks
from services.gateway.auth.tokens import MAX_REMEMBERED, TokenRules, TokenVerifier
from services.http.problems import ProblemError
from tests.services.gateway.harness import KEY, RULES, claims, jwk, key_set, token

OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NOW = int(time.time())


def verifier(rules: TokenRules = RULES, document: bytes | None = None, **options: Any) -> TokenVerifier:
    """On the key that good tokens are signed with, or on another set of keys."""
    return TokenVerifier(parse_jwks(document or key_set(key_1=KEY)), rules, **options)


def verified(token: str, rules: TokenRules = RULES) -> Principal:
    return verifier(rules).verify(f"Bearer {token}")


def refusal(act: Callable[[], object]) -> tuple[int, str]:
    """Status and name of the problem."""
    with pytest.raises(ProblemError) as caught:
        act()
    assert caught.value.__cause__ is None
    return caught.value.problem.status, caught.value.problem.name


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def hmac_token_keyed_with_the_public_key() -> str:
    """The classic confusion: HS256 with the public key, which anybody knows, as the secret."""
    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = encoded({"alg": "HS256", "kid": "key-1", "typ": "at+jwt"}) + "." + encoded(claims())
    signature = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def unsigned(alg: str) -> str:
    return f"{encoded({'alg': alg, 'kid': 'key-1', 'typ': 'at+jwt'})}.{encoded(claims())}."


def tampered() -> str:
    header, _, signature = token().split(".")
    return f"{header}.{encoded(claims(sub='somebody-else'))}.{signature}"


REFUSED = [
    ("token_expired", token(exp=NOW - 120)),
    ("token_not_yet_valid", token(nbf=NOW + 3000)),
    ("token_not_yet_valid", token(iat=NOW + 3000, exp=NOW + 3300)),
    ("lifetime_exceeded", token(exp=NOW + 3700)),
    ("lifetime_exceeded", token(iat=NOW - 4000)),
    ("issuer_wrong", token(iss="https://other.invalid")),
    ("issuer_wrong", token(iss="https://issuer.test.invalid/")),
    ("issuer_wrong", token(iss=["https://issuer.test.invalid"])),
    ("audience_wrong", token(aud="another-service")),
    ("audience_wrong", token(aud=["inference", "gateway"])),
    ("audience_wrong", token(aud="inference-gateway-2")),
    ("signature_wrong", token(key=OTHER_KEY)),
    ("signature_wrong", tampered()),
    ("signature_wrong", token(key=OTHER_KEY, header={"jwk": jwk(OTHER_KEY.public_key(), "key-1")})),
    ("signature_wrong", token(key=OTHER_KEY, header={"jku": "https://attacker.invalid/jwks.json"})),
    ("key_unknown", token(kid="key-2")),
    ("key_unknown", token(kid=None)),
    ("key_unknown", token(kid="../../etc/passwd")),
    ("type_refused", token(header={"typ": "JWT"})),
    ("type_refused", token(header={"typ": None})),
    ("type_refused", token(header={"typ": "id_token+jwt"})),
    ("type_refused", token(header={"typ": "logout+jwt"})),
    ("critical_header_refused", token(header={"crit": ["exp"], "exp": 1})),
    ("critical_header_refused", token(header={"crit": []})),
    ("claim_missing", token(sub=None)),
    ("claim_missing", token(exp=None)),
    ("claim_missing", token(iat=None)),
    ("claim_missing", token(aud=None)),
    ("claim_missing", token(iss=None)),
    ("subject_invalid", token(sub="")),
    ("subject_invalid", token(sub="x" * 257)),
    ("subject_invalid", token(sub="a\nb")),
    ("subject_invalid", token(sub=7)),
    ("token_malformed", token(exp=str(NOW + 600))),
    ("token_malformed", token(iat=str(NOW))),
    ("token_malformed", token(nbf=True)),
    ("token_bound", token(cnf={"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})),
    ("algorithm_refused", unsigned("none")),
    ("algorithm_refused", unsigned("None")),
    ("algorithm_refused", unsigned("")),
    ("algorithm_refused", hmac_token_keyed_with_the_public_key()),
    ("algorithm_refused", token(key=RSA_KEY, algorithm="RS256")),
    ("algorithm_refused", token(key=ec.generate_private_key(ec.SECP384R1()), algorithm="ES384")),
    ("token_malformed", "a.b"),
    ("token_malformed", ""),
    ("token_malformed", f"{encoded(['key-1'])}.{encoded(claims())}.AA"),
    ("token_malformed", f"{encoded({'kid': 'key-1'})[:-3]}.{encoded(claims())}.AA"),
    ("token_malformed", token() + ".AA"),
    ("token_malformed", token() + "\u00e9"),
    ("token_malformed", "[" * 8000),
    ("token_malformed", token(padding="x" * 9000)),
]


@pytest.mark.parametrize(("reason", "refused"), REFUSED)
def test_tokens_that_are_refused(reason: str, refused: str) -> None:
    """Each is a 401 whose name says why."""
    assert refusal(lambda: verified(refused)) == (401, reason)


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Bearer", token()])
def test_without_a_bearer_token_one_is_asked_for(header: str | None) -> None:
    """A 401 that names no error, as RFC 6750 wants."""
    expected = "token_malformed" if header == "Bearer" else "missing_token"
    assert refusal(lambda: verifier().verify(header)) == (401, expected)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_case_insensitive(scheme: str) -> None:
    """As RFC 9110 has it."""
    assert verifier().verify(f"{scheme} {token()}").subject == "caller-7"


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "AT+JWT", "Application/at+jwt"])
def test_access_tokens_say_what_they_are(typ: str) -> None:
    """Both forms of RFC 9068, section 4, in any case, as media types are."""
    assert verified(token(header={"typ": typ})).subject == "caller-7"


@pytest.mark.parametrize("typ", ["JWT", "jwt", None])
def test_an_issuer_without_the_type_is_a_setting(typ: str | None) -> None:
    """Where it is set, a plain JWT, whether it says so or nothing, is accepted, and other kinds still are not."""
    rules = TokenRules(RULES.issuer, RULES.audience, types=frozenset({"at+jwt", "jwt"}))
    assert verified(token(header={"typ": typ}), rules).subject == "caller-7"
    assert refusal(lambda: verified(token(header={"typ": "logout+jwt"}), rules)) == (401, "type_refused")


@pytest.mark.parametrize("offsets_s", [{"exp": -10, "iat": -100}, {"nbf": 10}, {"iat": 10}])
def test_skew_within_the_leeway_is_accepted(offsets_s: dict[str, int]) -> None:
    """Thirty seconds either way."""
    now = int(time.time())
    changes: dict[str, Any] = {claim: now + offset for claim, offset in offsets_s.items()}
    assert verified(token(**changes)).subject == "caller-7"


def test_an_audience_among_others_is_accepted() -> None:
    """As RFC 7519 has it."""
    assert verified(token(aud=["x", RULES.audience])).subject == "caller-7"


@pytest.mark.parametrize(
    ("changes", "scopes"),
    [
        ({"scope": "classify deidentify"}, {"classify", "deidentify"}),
        ({"scope": "audit:read  classify "}, {"audit:read", "classify"}),
        ({"scope": None, "scp": ["classify", "deidentify"]}, {"classify", "deidentify"}),
        ({"scope": None, "scp": "classify deidentify"}, {"classify", "deidentify"}),
        ({"scope": "classify", "scp": ["deidentify"]}, {"classify", "deidentify"}),
        ({"scope": "classify\tdeidentify"}, {"classify\tdeidentify"}),
        ({"scope": None}, set()),
        ({"scope": ""}, set()),
        ({"scope": ["classify"]}, set()),
        ({"scope": None, "scp": ["classify", 7]}, set()),
        ({"scope": None, "scp": {"classify": True}}, set()),
    ],
)
def test_scopes_come_as_text_or_as_an_array(changes: dict[str, Any], scopes: set[str]) -> None:
    """`scope` as RFC 9068 has it, `scp` as issuers write it; anything else is no scope."""
    assert verified(token(**changes)) == Principal("caller-7", frozenset(scopes), "token")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_an_rsa_key_verifies_by_the_algorithm_that_it_names(algorithm: str) -> None:
    """And by no other, though the same key could."""
    document = json.dumps({"keys": [jwk(RSA_KEY.public_key(), "rsa", alg=algorithm)]}).encode()
    other = {"RS256": "PS256", "PS256": "RS256"}[algorithm]
    accepting = verifier(document=document)
    assert accepting.verify(f"Bearer {token(key=RSA_KEY, algorithm=algorithm, kid='rsa')}").subject == "caller-7"
    refused = token(key=RSA_KEY, algorithm=other, kid="rsa")
    assert refusal(lambda: accepting.verify(f"Bearer {refused}")) == (401, "algorithm_refused")


def test_a_token_is_verified_once_and_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time its digest is known; after its end and the leeway it is refused all the same."""
    now, decode = [float(NOW)], Mock(wraps=jwt.decode)
    monkeypatch.setattr(jwt, "decode", decode)
    accepting, header = verifier(now=lambda: now[0]), f"Bearer {token(exp=NOW + 3000)}"
    assert accepting.verify(header) == accepting.verify(header)
    assert decode.call_count == 1
    now[0] = NOW + 3029.9
    assert accepting.verify(header).subject == "caller-7"
    now[0] = NOW + 3030.0
    assert refusal(lambda: accepting.verify(header)) == (401, "token_expired")


def test_only_so_many_tokens_are_remembered_and_none_that_was_refused() -> None:
    """Nobody fills the memory, least of all without a good token."""
    accepting = verifier()
    for number in range(MAX_REMEMBERED + 5):
        accepting.verify(f"Bearer {token(jti=str(number))}")
    for _ in range(5):
        refusal(lambda: accepting.verify(f"Bearer {token(key=OTHER_KEY)}"))
    assert len(accepting._accepted) == MAX_REMEMBERED


def test_what_is_remembered_is_not_the_token() -> None:
    """A digest, so that no dump of memory from later on yields tokens from here."""
    accepting, secret = verifier(), token()
    accepting.verify(f"Bearer {secret}")
    assert secret not in repr(accepting._accepted)
