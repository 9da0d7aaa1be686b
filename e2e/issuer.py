"""The issuer of OAuth tokens for task chains that post change events: a Cognito user pool."""

from typing import Final

import requests

from e2e.emulator_client import REGION, Emulator

SCOPE: Final = "changes"
OTHER_SCOPE: Final = "reports"
_SERVER: Final = "datasphere"


class Issuer:
    """A user pool with one client that may send changes, and one that may not."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        cognito = emulator.client("cognito-idp")
        self._pool: str = cognito.create_user_pool(PoolName="task-chains")["UserPool"]["Id"]
        cognito.create_resource_server(
            UserPoolId=self._pool,
            Identifier=_SERVER,
            Name=_SERVER,
            Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in (SCOPE, OTHER_SCOPE)],
        )
        self._clients = {scope: self._client(scope) for scope in (SCOPE, OTHER_SCOPE)}

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters with which the template accepts the tokens."""
        return {
            "WebhookIssuer": f"https://cognito-idp.{REGION}.amazonaws.com/{self._pool}",
            "WebhookAudience": self._clients[SCOPE][0],
            "WebhookScope": f"{_SERVER}/{SCOPE}",
        }

    def token(self, scope: str = SCOPE) -> str:
        """Return a new token, of the client that has the scope."""
        answer = requests.post(
            f"{self._emulator.url}/oauth2/token",
            data={"grant_type": "client_credentials", "scope": f"{_SERVER}/{scope}"},
            auth=self._clients[scope],
            verify=str(self._emulator.certificate),
            timeout=30,
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def _client(self, scope: str) -> tuple[str, str]:
        response = self._emulator.client("cognito-idp").create_user_pool_client(
            UserPoolId=self._pool,
            ClientName=scope,
            GenerateSecret=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthScopes=[f"{_SERVER}/{scope}"],
            AllowedOAuthFlowsUserPoolClient=True,
        )["UserPoolClient"]
        return response["ClientId"], response["ClientSecret"]
