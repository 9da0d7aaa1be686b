"""The environment variables that point the function at an embedded tenant and catalog."""

import json
from typing import Final
from urllib.parse import urlsplit

from local.catalog.embedded import EmbeddedCatalog
from local.tenant.embedded import EmbeddedTenant

STORED_CLIENT: Final = "datasphere-glue/technical-user"


def environment_of(tenant: EmbeddedTenant, catalog: EmbeddedCatalog) -> dict[str, str]:
    """Store the tenant's OAuth client as a secret and return settings that lead to both sides."""
    secrets = catalog.client("secretsmanager")
    client = {"client_id": tenant.client_id, "client_secret": tenant.client_secret}
    name = f"{STORED_CLIENT}-{urlsplit(tenant.url).port}"
    secrets.create_secret(Name=name, SecretString=json.dumps(client))
    return {
        **catalog.environment,
        "DATASPHERE_URL": tenant.url,
        "DATASPHERE_TOKEN_URL": tenant.token_url,
        "DATASPHERE_SECRET_ID": name,
        "DATASPHERE_REQUESTS_PER_MINUTE": "6000",
    }
