"""What holds for every token."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.auth import Principal
from services.gateway.auth.keys import parse_jwks
from services.gateway.auth.tokens import TokenVerifier
from services.http.problems import ProblemError
from tests.services.gateway.auth.test_tokens import encoded
from tests.services.gateway.harness import KEY_SET, RULES, claims, token
from tests.services.gateway.properties import PROPERTY

VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=300)
    | st.lists(st.text(max_size=5), max_size=3)
)
SEGMENT = st.text("ABCabc019-_=", max_size=40) | st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit"]), VALUES
).map(encoded)


def outcome(authorization: str) -> Principal | ProblemError:
    """Whom it names, or the problem; any other error is one of the test."""
    try:
        return TokenVerifier(parse_jwks(KEY_SET), RULES).verify(authorization)
    except ProblemError as error:
        return error


@PROPERTY
@given(st.text() | st.lists(SEGMENT, min_size=1, max_size=4).map(lambda parts: "Bearer " + ".".join(parts)))
def test_whatever_is_no_token_is_a_401(authorization: str) -> None:
    """With a name for the trail, and nothing of it in the problem."""
    found = outcome(authorization)
    assert isinstance(found, ProblemError)
    assert found.problem.status == 401
    assert found.__cause__ is None


@PROPERTY
@given(st.sampled_from(["iss", "aud", "sub", "exp", "iat", "nbf", "scope", "scp", "cnf"]), VALUES)
def test_whatever_the_issuer_signs_is_a_principal_or_a_401(name: str, value: Any) -> None:
    """A principal is one whose claims say what they have to; nothing else comes of any value of a claim."""
    found = outcome(f"Bearer {token(**{name: value})}")
    if isinstance(found, ProblemError):
        assert found.problem.status == 401
        return
    said = claims(**{name: value})
    assert (said["iss"], found.subject) == (RULES.issuer, said["sub"])
    assert RULES.audience in ([said["aud"]] if isinstance(said["aud"], str) else said["aud"])
    assert said["exp"] - said["iat"] <= RULES.max_lifetime_s
    assert all(" " not in scope for scope in found.scopes) or isinstance(said.get("scp"), list)


@PROPERTY
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_token_survives_a_change(place: int, bits: int) -> None:
    """One byte of header, claims or signature is another one: refused."""
    good = token()
    at = place % len(good)
    changed = good[:at] + chr(ord(good[at]) ^ bits) + good[at + 1 :]
    # The last character of a part may hold bits that no byte is made of: it then stands for the same token.
    if at + 1 < len(good) and good[at + 1] != ".":
        assert isinstance(outcome(f"Bearer {changed}"), ProblemError)
