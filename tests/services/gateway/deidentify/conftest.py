import pytest

from services.gateway.deidentify.language import EnglishCheck


@pytest.fixture(scope="session")
def english() -> EnglishCheck:
    return EnglishCheck()
