"""Settings of a run, read from environment variables (design 1.2) and validated as a whole."""

import re
from dataclasses import dataclass
from hashlib import sha256
from string import Formatter
from typing import Annotated, Final, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
)
from pydantic.fields import FieldInfo

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PLACEHOLDERS: Final = frozenset({"space", "tenant", "environment"})
_QUOTED_LIST: Final = re.compile(r"[\[({]\s*[\"']")
"""How a list begins in JSON or in a programming language."""

_NAMES: Final = re.compile(r"[^\s\[\]()\"',]+")

_HOST: Final = re.compile(r"(?!.*-(\.|$))[^\W_][\w-]{0,62}(\.[^\W_][\w-]{0,62})*\.?")
"""Names of hosts, letters of any script included; an IPv6 address is judged by `urlsplit`."""

_REMOTE_CONFIG: Final = re.compile(r"^(s3://[^/]+/.+|ssm:/.+|appconfig:[^/]+/[^/]+/[^/]+)$")


def _service_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an https:// URL")
    if ":" not in parts.hostname and not _HOST.fullmatch(parts.hostname):
        raise ValueError("must name a host, such as acme.eu10.hcs.cloud.sap")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must be https:// (http:// is for loopback only)")
    if parts.username or parts.password:
        raise ValueError("must not hold credentials")
    try:
        parts.port  # noqa: B018 - reading the port is what checks it
    except ValueError:
        raise ValueError("must have a port from 0 to 65535, if any") from None
    return url.rstrip("/")


def _tenant_url(url: str) -> str:
    parts = urlsplit(_service_url(url))
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be the tenant's root, without path or query")
    return f"{parts.scheme}://{parts.netloc}"


def _template(template: str) -> str:
    try:
        parts = [part for part in Formatter().parse(template) if part[1] is not None]
    except ValueError as err:
        raise ValueError("has unbalanced braces") from err
    if any(form or conversion for _, _, form, conversion in parts):
        raise ValueError("must hold its placeholders without a format, as in {space}")
    names = {name for _, name, _, _ in parts if name is not None}
    if unknown := sorted(names - _PLACEHOLDERS):
        raise ValueError(f"has unknown placeholders: {', '.join(unknown) or '{}'}")
    if "space" not in names:
        raise ValueError("must hold {space}: each space has a database of its own")
    return template


def _config_uri(uri: str) -> str:
    if re.match(r"^(s3|ssm|appconfig):", uri) and not _REMOTE_CONFIG.match(uri):
        raise ValueError(
            "must be a path, s3://bucket/key, ssm:/name or appconfig:app/environment/profile"
        )
    return uri


def _folder_uri(uri: str) -> str:
    if "://" in uri and not re.match(r"^s3://[^/]+", uri):
        raise ValueError("must be s3://bucket/prefix or a folder")
    return uri.rstrip("/") or uri


def _patterns(text: str) -> str:
    """Return comma-separated patterns; other notations of a list would match nothing."""
    parts = [part.strip() for part in text.split(",")]
    if not any(parts):
        raise ValueError("holds no pattern: leave it empty, or write SPACE or SPACE.asset")
    quoted = _QUOTED_LIST.match(text.strip())
    if quoted or any(part.count("[") != part.count("]") for part in parts):
        names = "" if "{" in text else ": " + ",".join(_NAMES.findall(text))
        raise ValueError(f"must be comma-separated patterns without brackets or quotes{names}")
    return text


class Settings(BaseModel):
    """All settings of design 1.2; `None` or `""` means not set.

    Each field describes itself. The flags of the command line, docs/reference/settings.md and the
    test of template.yaml derive from these descriptions. `examples` shows one value; the extras
    `unset` (effect of leaving a setting empty) and `local_only` (not deployed) are for them, too.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_tenant_url)] = Field(
        "",
        alias="DATASPHERE_URL",
        description="Root URL of the Datasphere tenant. `http://` is accepted for loopback only.",
        examples=["https://acme.eu10.hcs.cloud.sap"],
        json_schema_extra={"required": True},
    )
    token_url: Annotated[str, AfterValidator(_service_url)] = Field(
        "",
        alias="DATASPHERE_TOKEN_URL",
        description="OAuth token endpoint of the tenant.",
        examples=["https://acme.authentication.eu10.hana.ondemand.com/oauth/token"],
        json_schema_extra={"required": True},
    )
    secret_id: str | None = Field(
        None,
        alias="DATASPHERE_SECRET_ID",
        description=(
            'Secrets Manager id or ARN of `{"client_id": "...", "client_secret": "..."}`.'
            " The secret is read again after a 401, so rotation needs no deployment."
        ),
        examples=["datasphere/technical-user"],
        json_schema_extra={"unset": "required in Lambda"},
    )
    client_id: str | None = Field(
        None,
        alias="DATASPHERE_CLIENT_ID",
        description="OAuth client id, instead of `DATASPHERE_SECRET_ID`. For local use only.",
        json_schema_extra={"local_only": True},
    )
    client_secret: SecretStr | None = Field(
        None,
        alias="DATASPHERE_CLIENT_SECRET",
        description="OAuth client secret, instead of `DATASPHERE_SECRET_ID`. For local use only.",
        json_schema_extra={"local_only": True},
    )
    requests_per_minute: int = Field(
        240,
        alias="DATASPHERE_REQUESTS_PER_MINUTE",
        description="Rate budget of the whole run for Datasphere, shared by all threads.",
        ge=1,
        le=1_000_000,
    )
    concurrency: int = Field(
        8,
        alias="DATASPHERE_CONCURRENCY",
        description="Parallel reads from Datasphere. Writes to Glue use half as many threads.",
        ge=1,
        le=64,
    )
    definitions: Literal["auto", "on", "off"] = Field(
        "auto",
        alias="DATASPHERE_DEFINITIONS",
        description=(
            "Whether to read CSN object definitions, too. `auto` reads them where the technical"
            " user may, and otherwise uses OData with a note in the report. `on` degrades the run"
            " without them. `off` never reads them."
        ),
    )
    database_template: Annotated[str, AfterValidator(_template)] = Field(
        "datasphere_{space}",
        alias="GLUE_DATABASE_TEMPLATE",
        description=(
            "Name of the Glue database of a space. Placeholders are `{space}` (required),"
            " `{tenant}` and `{environment}`."
        ),
        examples=["sap_{environment}_{space}"],
    )
    catalog_id: str | None = Field(
        None,
        alias="GLUE_CATALOG_ID",
        description="Account of the target catalog.",
        examples=["123456789012"],
        json_schema_extra={"unset": "the function's own account"},
        pattern=r"^\d{12}(:.+)?$",
    )
    region: str | None = Field(
        None,
        alias="GLUE_REGION",
        description="Region of the target catalog.",
        examples=["eu-central-1"],
        json_schema_extra={"unset": "the function's own Region"},
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d$",
    )
    role_arn: str | None = Field(
        None,
        alias="GLUE_ROLE_ARN",
        description="Role to assume for the catalog. Its session is renewed before it expires.",
        examples=["arn:aws:iam::123456789012:role/datasphere-catalog"],
        pattern=r"^arn:[\w-]+:iam::\d{12}:role/.+$",
    )
    role_external_id: str | None = Field(
        None,
        alias="GLUE_ROLE_EXTERNAL_ID",
        description="External id for assuming `GLUE_ROLE_ARN`.",
        min_length=2,
        max_length=1224,
    )
    spaces: Annotated[str, AfterValidator(_patterns)] = Field(
        "",
        alias="SYNC_SPACES",
        description="Comma-separated `SPACE` or `SPACE.asset` glob patterns to synchronise.",
        examples=["SALES,FINANCE.V_*"],
        json_schema_extra={"unset": "everything"},
    )
    exclude: Annotated[str, AfterValidator(_patterns)] = Field(
        "",
        alias="SYNC_EXCLUDE",
        description="Comma-separated `SPACE` or `SPACE.asset` glob patterns to leave out.",
        examples=["*.TMP_*"],
        json_schema_extra={"unset": "nothing"},
    )
    config_uri: Annotated[str, AfterValidator(_config_uri)] | None = Field(
        None,
        alias="SYNC_CONFIG_URI",
        description=(
            "Mapping configuration document: a path, `s3://bucket/key`, `ssm:/name` or"
            " `appconfig:app/environment/profile`. Every run reads it at its start."
        ),
        examples=["s3://acme-governance/mapping.yaml"],
    )
    environment: str = Field(
        "",
        alias="SYNC_ENVIRONMENT",
        description="Name of the environment in reports, metrics and messages. Free text.",
        examples=["prod"],
    )
    export_uri: Annotated[str, AfterValidator(_folder_uri)] | None = Field(
        None,
        alias="DATASPHERE_EXPORT_URI",
        description=(
            "Files that describe objects, `s3://bucket/prefix` or a folder: CSN exports, CSN"
            " Interop documents and ORD descriptors, in a folder named after their space."
        ),
        examples=["s3://acme-models/exports"],
    )
    report_uri: Annotated[str, AfterValidator(_folder_uri)] | None = Field(
        None,
        alias="REPORT_URI",
        description=(
            "Destination of reports, audit records and before-images: `s3://bucket/prefix` or a"
            " folder. Without it, nothing is kept and no run can be rolled back."
        ),
        examples=["s3://acme-reports/reports"],
    )
    lineage_export: Literal["on", "off"] = Field(
        "off",
        alias="LINEAGE_EXPORT",
        description=(
            "`on` stores OpenLineage events of the written tables at `REPORT_URI` after each run."
            " Needs `datasphere-glue[lineage]`."
        ),
    )
    notification_topic_arn: str | None = Field(
        None,
        alias="NOTIFICATION_TOPIC_ARN",
        description=(
            "Standard SNS topic for messages. A run publishes when it changed something, when the"
            " problems that need a person changed, and when all of them are solved. `plan`,"
            " `verify`, `doctor` and runs from a terminal publish nothing."
        ),
        examples=["arn:aws:sns:eu-central-1:123456789012:datasphere-news"],
        pattern=r"^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$",
    )
    max_removal_percent: int = Field(
        10,
        alias="MAX_REMOVAL_PERCENT",
        description=(
            "Largest share of the tables of a space, and of the run, that one run may deprecate or"
            " delete. The number is rounded down, is at least one, and is never all of a space."
        ),
        ge=0,
        le=100,
    )
    orphan_policy: Literal["keep", "deprecate", "delete"] = Field(
        "deprecate",
        alias="ORPHAN_POLICY",
        description=(
            "Treatment of a table whose asset is gone. `delete` deprecates first and deletes after"
            " `ORPHAN_GRACE_DAYS`, which needs the record at `REPORT_URI`."
        ),
    )
    orphan_grace_days: int = Field(
        30,
        alias="ORPHAN_GRACE_DAYS",
        description="Days between deprecation and deletion of a table.",
        ge=0,
        le=3650,
    )

    @property
    def stack(self) -> str:
        """Return a digest of what decides which assets a stack sees and where it writes them."""
        exports = (self.export_uri,) if self.export_uri else ()
        sight = (self.url, self.client_id or self.secret_id, self.definitions, *exports)
        selection = (self.spaces, self.exclude, self.config_uri)
        place = (self.catalog_id, self.region, self.role_arn, self.database_template)
        return sha256(repr((sight, selection, place, self.environment)).encode()).hexdigest()

    @property
    def tenant(self) -> str:
        """Return the host of the tenant, which marks what is written from it."""
        return urlsplit(self.url).hostname or ""

    def of_tenant(self, host: str) -> Self:
        """Return the settings with the tenant that catalog or evidence name."""
        return self.model_copy(update={"url": f"https://{f'[{host}]' if ':' in host else host}"})


@dataclass(frozen=True)
class Setting:
    """One setting as flags, pages and the template's test need it; texts are Markdown."""

    name: str
    """The environment variable."""
    description: str
    default: str
    """The default value in backticks, or in words what an empty setting means."""
    example: str
    sensitive: bool
    local_only: bool
    """Whether no deployed function has it."""
    required: bool = False
    """Whether a run needs it; commands that read only Glue or the report place do not."""

    @property
    def flag(self) -> str:
        """Return the flag of the command line that overrides the environment variable."""
        return "--" + self.name.lower().replace("_", "-")


def _setting(field: FieldInfo) -> Setting:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    required = bool(extra.get("required"))
    default = "required" if required else str(extra.get("unset", "none"))
    return Setting(
        name=field.alias or "",
        description=field.description or "",
        default=default if required or field.default in {None, ""} else f"`{field.default}`",
        example=str((field.examples or [""])[0]),
        sensitive=SecretStr in (field.annotation, *get_args(field.annotation)),
        local_only=bool(extra.get("local_only")),
        required=required,
    )


SETTINGS: Final = tuple(map(_setting, Settings.model_fields.values()))
SETTING_NAMES: Final[tuple[str, ...]] = tuple(setting.name for setting in SETTINGS)
