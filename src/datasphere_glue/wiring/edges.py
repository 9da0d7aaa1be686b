"""Both edges of a run, built out of settings and configuration."""

import time
from dataclasses import dataclass
from typing import Final

import boto3
from botocore.exceptions import NoRegionError, ProfileNotFound

from datasphere_glue import config
from datasphere_glue.config import MappingConfig
from datasphere_glue.datasphere.auth import TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient, Surroundings
from datasphere_glue.datasphere.definitions import Use, Wanted
from datasphere_glue.datasphere.source import DatasphereSource
from datasphere_glue.errors import SettingsError
from datasphere_glue.glue.access import catalog_session, glue_client, own_session
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.glue.table_input import table_from_glue
from datasphere_glue.glue.target import GlueTarget
from datasphere_glue.model.table import Table
from datasphere_glue.settings import Settings
from datasphere_glue.wiring.documents import credentials
from datasphere_glue.wiring.door import Door

READING_SHARE: Final = 0.8
"""Share of a run's time in which metadata may be read: the rest is for writing what was read."""


@dataclass(frozen=True, slots=True)
class Edges:
    """The two sides of a run and what tells about them."""

    client: DatasphereClient
    tokens: TokenSource
    source: DatasphereSource
    catalog: GlueCatalog
    target: GlueTarget
    session: boto3.Session

    def calls(self) -> dict[str, int]:
        """Return the requests made so far, by side."""
        return {
            "datasphere": self.client.requests_made,
            "glue_read": self.catalog.reads,
            "glue_write": self.catalog.writes,
        }


def build(
    settings: Settings,
    door: Door,
    mapping: MappingConfig = config.NONE.mapping,
    *,
    even: bool = False,
) -> Edges:
    """Return both edges of a run, connected as settings and configuration say.

    Nothing is called yet. With `even`, requests to the tenant leave at even distances.

    Raises:
        SettingsError: boto3's own chain finds no Region or not the profile that is named.

    """
    try:
        return _connected(settings, door, mapping, even=even)
    except (NoRegionError, ProfileNotFound) as err:
        raise SettingsError(
            f"AWS: {err}",
            remedy="set AWS_DEFAULT_REGION (or GLUE_REGION) and an existing AWS_PROFILE",
        ) from err


def _connected(settings: Settings, door: Door, mapping: MappingConfig, *, even: bool) -> Edges:
    own = own_session(settings.region)
    now = time.monotonic()
    tokens = TokenSource(settings.token_url, credentials(settings, own))
    client = DatasphereClient(
        settings.url,
        tokens,
        RateBudget(settings.requests_per_minute, even=even, sleep=door.sleep),
        until=now + (door.until - now) * READING_SHARE,
        surroundings=Surroundings(sleep=door.sleep),
    )
    session = catalog_session(own, settings.role_arn, settings.role_external_id, settings.region)
    catalog = GlueCatalog(glue_client(session, door.until), catalog_id=settings.catalog_id)
    return Edges(
        client=client,
        tokens=tokens,
        source=DatasphereSource(
            client,
            workers=settings.concurrency,
            wanted=Wanted(
                use=Use(settings.definitions),
                unexposed=frozenset(mapping.selection.unexposed),
                languages=mapping.languages,
            ),
        ),
        catalog=catalog,
        target=GlueTarget(
            catalog,
            workers=max(1, settings.concurrency // 2),
            until=door.until,
            sleep=door.sleep,
        ),
        session=session,
    )


def table(settings: Settings, database: str, name: str) -> Table:
    """Return one table as the catalog holds it.

    Raises:
        SyncError: it does not exist, or the catalog may not or cannot be read.

    """
    return table_from_glue(build(settings, Door()).catalog.get_table(database, name)).table
