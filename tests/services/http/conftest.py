from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.services.http.harness import application


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(application()) as client:
        yield client
