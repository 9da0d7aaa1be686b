from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config

from datasphere_glue.glue.client import GlueCatalog
from local.catalog.embedded import EmbeddedCatalog

ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})


@pytest.fixture(scope="session")
def embedded_catalog() -> Iterator[EmbeddedCatalog]:
    with EmbeddedCatalog() as catalog:
        yield catalog


@pytest.fixture(scope="session")
def glue_without_retries(embedded_catalog: EmbeddedCatalog) -> Any:
    return embedded_catalog.client("glue", config=ONCE)


@pytest.fixture
def catalog(embedded_catalog: EmbeddedCatalog) -> EmbeddedCatalog:
    embedded_catalog.reset()
    return embedded_catalog


@pytest.fixture
def glue(catalog: EmbeddedCatalog, glue_without_retries: Any) -> Any:
    assert not len(catalog.calls)
    return glue_without_retries


@pytest.fixture
def edge(glue: Any) -> GlueCatalog:
    return GlueCatalog(glue)
