"""The ports of the clients of a run, and of the module that builds them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Protocol

from datasphere_glue.config import Configuration, MappingConfig
from datasphere_glue.config.settings import Settings
from datasphere_glue.model.auxiliary import AuxiliaryAccess
from datasphere_glue.outcome.context import Costs
from datasphere_glue.runs.ports import Caller, RunObserver, Source, Target
from datasphere_glue.storage.store import Store


class CatalogProbe(Protocol):
    """Tries which calls of the catalog are permitted; it writes nothing."""

    def database_names(self) -> list[str]:
        """Return the names of all visible databases; raises SyncError."""
        ...

    def read_tables(self, database: str) -> None:
        """Read the tables of a database; raises SyncError."""
        ...

    def writes(self, database: str) -> Mapping[str, Callable[[], None]]:
        """Return each write by its operation, aimed at a database that must not exist."""
        ...


class Clients(Protocol):
    """The two sides of one run, its costs and its identities."""

    @property
    def source(self) -> Source:
        """Return the side that metadata is read from."""
        ...

    @property
    def target(self) -> Target:
        """Return the side that metadata is written to."""
        ...

    @property
    def observer(self) -> RunObserver:
        """Return the observer of the run."""
        ...

    @property
    def probe(self) -> CatalogProbe:
        """Return the probe of the permissions of the catalog."""
        ...

    @property
    def client_expires(self) -> date | None:
        """Return the last day of the OAuth client, None if unknown."""
        ...

    @property
    def sdk(self) -> str:
        """Return name and version of the AWS SDK."""
        ...

    def costs(self) -> Costs:
        """Return the costs of the requests so far, without the wall time."""
        ...

    def auxiliary_access(self) -> tuple[AuxiliaryAccess, ...]:
        """Return whether each kind of auxiliary object may be read in the spaces of the run.

        Raises:
            CredentialsRejected, SourceUnavailable: the whole tenant refuses further reading.

        """
        ...

    def actor(self) -> str | None:
        """Return the ARN that writes to the catalog, None if STS does not answer."""
        ...

    def service_time(self) -> datetime | None:
        """Return the time on the clock of AWS, None if STS does not answer."""
        ...


class Bootstrap(Protocol):
    """Builds clients and stores from the settings; the module `bootstrap` implements it."""

    def configuration(self, settings: Settings) -> Configuration:
        """Return the mapping configuration; raises ConfigError."""
        ...

    def build_clients(
        self, settings: Settings, caller: Caller, mapping: MappingConfig, *, even: bool
    ) -> Clients:
        """Return the clients of a run; with `even`, requests leave at even distances.

        Raises:
            SettingsError: the AWS SDK finds no Region or not the named profile.

        """
        ...

    def store_of(self, settings: Settings) -> Store | None:
        """Return the store that REPORT_URI names, None without one."""
        ...

    def report_store(self, settings: Settings) -> Store:
        """Return the store that REPORT_URI names; raises SettingsError without one."""
        ...

    def own_region(self) -> str | None:
        """Return the Region of the AWS SDK's own chain."""
        ...

    def publish(
        self, topic: str, subject: str, text: str, attributes: Mapping[str, str | int]
    ) -> None:
        """Publish a message to an SNS topic; raises NotificationFailed."""
        ...
