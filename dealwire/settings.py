"""Settings: arguments > `DEALWIRE_*` variables > `dealwire.toml` > defaults."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from extractors.encoder import Encoder
from schemas.component import Component
from schemas.errors import InvalidInput, SettingsInvalid
from schemas.lake import PREFIX, LakeAddress

CONFIG_NAME = "dealwire.toml"
_Files = Annotated[tuple[Path, ...], NoDecode]


def _encoder(value: Any) -> Encoder:
    """As a file or an environment variable has it."""
    if value == "small":
        return "small"
    try:
        return TypeAdapter(bool).validate_python(value)
    except ValidationError:
        raise ValueError('it is true, false or "small"') from None


def _listed(value: Any) -> Any:
    """A list as an environment variable has it: parts with commas between them."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _given(value: Any) -> Any:
    """An empty text stands for nothing."""
    return value or None


class Catalog(BaseModel):
    """Names of the user's own, in files beside the catalogue that comes along."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    companies: _Files = Field((), description="Files of companies: JSONL as extractors/catalog, or CSV: name,aliases.")
    chips: _Files = Field((), description="Files of chips, JSONL.")
    models: _Files = Field((), description="Files of AI models, JSONL.")
    aliases: Path | None = Field(
        None, description="CSV, alias,company: what these names mean, wherever they are found."
    )

    _split = field_validator("companies", "chips", "models", mode="before")(_listed)

    _none = field_validator("aliases", mode="before")(_given)


class Extractors(BaseModel):
    """Extractors of the user's own, what they may take, and the components of spaCy's beside them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: _Files = Field((), description="Python files, packages, or folders of files, with extractors of your own.")
    seconds: float = Field(
        10,
        ge=0,
        description="Longest time one of your extractors may take for an article; 0: any. Some name their own.",
    )
    megabytes: int = Field(1024, ge=0, description="Most memory it may take for an article (Linux); 0: any.")
    failures: int = Field(
        10, ge=0, description="After so many failures in a row it is switched off for the run; 0: never."
    )
    components: tuple[Component, ...] = Field(
        (), description="Components of spaCy: a table each, with factory and place (before or after ours)."
    )

    _split = field_validator("paths", mode="before")(_listed)


class LanguageModel(BaseModel):
    """A language model that is asked about deals, too, by those who have one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: str = Field(
        "", description="Base address of an OpenAI-compatible API, as http://127.0.0.1:11434/v1; empty: none is asked."
    )
    model: str = Field("", description="Name of the model, as the endpoint knows it.")
    key_variable: str = Field(
        "", description="Name of the environment variable that holds the key; empty: no key is sent."
    )
    requests_a_day: int = Field(200, ge=0, description="Most requests in a day (UTC), repeated ones included.")
    tokens_a_day: int = Field(500_000, ge=0, description="Most tokens in a day (UTC), of questions and answers.")
    answer_seconds: float = Field(60, gt=0, description="Longest time for one answer.")
    wait_seconds: float = Field(
        20, ge=0, description="Longest wait when it asks for patience; else the article is put off for a later pass."
    )
    longest_text: int = Field(20_000, ge=500, description="Characters of an article that are sent.")
    parameters: dict[str, Any] = Field(
        {"temperature": 0, "response_format": {"type": "json_object"}},
        description="Sent along with every question; {} if the endpoint knows none of it.",
    )
    cache: Path | None = Field(
        None, description="File that keeps answers and counts requests; empty: beside the database."
    )

    _none = field_validator("cache", mode="before")(_given)

    @field_validator("key_variable")
    @classmethod
    def _is_a_variable(cls, value: str) -> str:
        # Whoever writes the key itself here must not find it in a message either.
        if value and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
            raise ValueError("write the name of an environment variable, as OPENAI_API_KEY, not the key itself")
        return value

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value:
            return value
        try:
            parts = urlsplit(value)
            there = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            there = False
        if not there:
            raise ValueError("write the base address of the API, as http://127.0.0.1:11434/v1")
        if "@" in parts.netloc or parts.query:
            raise ValueError("a secret does not belong into the address; name a variable in key_variable")
        return value.rstrip("/").removesuffix("/chat/completions")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.endpoint) != bool(self.model):
            raise ValueError("set both endpoint and model, or neither")
        return self


class Web(BaseModel):
    """The page: who may see it from elsewhere, and who may change something."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reader: str = Field(
        "", description="Hash of the password with which one may look, from `dealwire web --hash`; empty: none."
    )
    admin: str = Field("", description="Hash of the password with which one may change things, too; empty: none.")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Names under which the page is reached, beside localhost, comma-separated, as wire.example."
    )
    https: bool = Field(False, description="It is reached over HTTPS (through a proxy): cookies are for that alone.")
    session_hours: float = Field(12, gt=0, description="Without a request for so long, one has to log in again.")
    sql_seconds: float = Field(10, gt=0, le=300, description="Longest time for a question of the SQL page.")
    sql_rows: int = Field(10_000, ge=1, le=1_000_000, description="Most rows in its answer.")

    _split = field_validator("hosts", mode="before")(_listed)

    @field_validator("reader", "admin")
    @classmethod
    def _is_a_hash(cls, value: str) -> str:
        # Whoever writes the password itself here must not find it in a message either.
        if value and not re.fullmatch(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]+\$[\w+/]+", value):
            raise ValueError("write the hash that `dealwire web --hash` gives, not the password")
        return value

    @property
    def needs_login(self) -> bool:
        """Whether anybody has to log in: as soon as there is a password."""
        return bool(self.reader or self.admin)


class Settings(BaseSettings):
    """Everything a run can be told. Paths are relative to the folder dealwire is started in."""

    # A message that repeated what was given could repeat a password.
    model_config = SettingsConfigDict(
        env_prefix="DEALWIRE_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database: Path = Field(
        Path("dealwire.duckdb"),
        description="The DuckDB file, made when missing; or ducklake:postgres:DSN for several machines.",
    )
    data_path: str = Field(
        "", description="Folder or object store (s3://bucket/…) of a DuckLake's rows; needed when it is first made."
    )
    contact: str = Field(
        "https://pypi.org/project/dealwire/",
        description="Address in the user agent, so that publishers can reach you.",
    )
    allow_private_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="host or host:port on private networks that may be reached, comma-separated."
    )
    connect_to: Annotated[dict[str, str], NoDecode] = Field(
        {}, description="host=address:port, comma-separated: reach a host at another place, as curl --connect-to."
    )
    connect_seconds: float = Field(10, gt=0, description="Longest wait for a connection.")
    read_seconds: float = Field(20, gt=0, description="Longest silence in the middle of a download.")
    total_seconds: float = Field(30, gt=0, description="Longest time for one whole download.")
    max_megabytes: float = Field(15, gt=0, description="Largest body that is read, after decompression.")
    fetch_at_once: int = Field(16, ge=1, le=256, description="Downloads under way at the same time.")
    fetch_per_host: int = Field(2, ge=1, le=32, description="Downloads under way at the same time from one host.")
    fetch_delay_seconds: float = Field(
        0.5,
        ge=0,
        le=60,
        description="Between two starts of downloads from one host; none for allowed private hosts.",
    )
    proxy: str | None = Field(None, description="Proxy for everything, as http://proxy.example:3128.")
    poll_at_once: int = Field(64, ge=1, le=512, description="Feeds polled at the same time, most of them waiting.")
    poll_every_minutes: float = Field(
        30, ge=0, description="Time between polls of a feed that nothing is known of; 0: always due."
    )
    poll_shortest_minutes: float = Field(10, gt=0, description="A feed is never due sooner, however much it publishes.")
    poll_longest_hours: float = Field(24, gt=0, description="A feed is never due later, however little it publishes.")
    parse_seconds: float = Field(10, gt=0, description="Longest time to parse one feed.")
    parse_megabytes: float = Field(96, ge=16, description="Most memory to parse one feed.")
    read_attempts: int = Field(3, ge=1, description="Tries to read a page before the feed's own text is taken.")
    reread_hours: float = Field(6, ge=0, description="An article that its feed changes is read again this often.")
    keep_pages_days: float = Field(14, ge=0, description="Fetched pages are kept this long, compressed; 0: not at all.")
    websub_callback: str = Field(
        "", description="Public address of `dealwire feeds listen`, which hubs call; empty: feeds are only polled."
    )
    websub_lease_hours: float = Field(240, gt=0, description="For how long a hub is asked to deliver; it is renewed.")
    websub_poll_hours: float = Field(6, ge=0, description="A feed whose hub has delivered is polled this much later.")
    encoder: Annotated[Encoder, BeforeValidator(_encoder)] = Field(
        True,
        description="Names and deals are read by the learned encoder, too, where it is there; small: by its small "
        "network alone, several times faster.",
    )
    spacy_pipeline: str = Field(
        "",
        description="An installed spaCy pipeline, or its folder, to read with; what it labels ORG may be a company.",
    )
    task_runner: str = Field(
        "processes",
        pattern=r"^(processes(:\d+)?|dask(:\S+)?|ray(:\S+)?)$",
        description="Who reads an archive on a DuckLake (flow extract-archive): processes, processes:8, dask, "
        "dask:tcp://scheduler:8786, ray or ray:ADDRESS.",
    )
    processes: int = Field(
        0, ge=0, le=64, description="Processes that extract; 0: one a core, at most four, where it pays."
    )
    batch: int = Field(200, ge=1, description="Articles extracted in one transaction.")
    keep_events_days: float = Field(30, gt=0, description="Events are kept this long, sent or not.")
    keep_polls_days: float = Field(90, gt=0, description="What each visit to a feed gave is kept this long.")
    update_rates: bool = Field(True, description="`dealwire up` fetches the European Central Bank's rates daily.")
    lock_seconds: float = Field(30, ge=0, description="How long to wait for a database another process holds.")
    notify_attempts: int = Field(
        11, ge=1, description="Tries to deliver to a subscriber, over two days and a half; then it is kept as dead."
    )
    smtp: str = Field(
        "",
        description="Mail server, as smtp://mail.example:587 or smtps://${SMTP_LOGIN}@mail.example: the login stays "
        "in the environment, as name:password.",
    )
    smtp_from: str = Field("", description="Sender of mails to subscribers.")
    publish_to: Path | None = Field(
        None, description="A copy for other programs, made after each run: a .duckdb file, or a folder of Parquet."
    )
    catalog: Catalog = Field(Catalog(), description="Names of your own; see docs/names.md.")
    extractors: Extractors = Field(Extractors(), description="Extractors of your own; see docs/extractors.md.")
    language_model: LanguageModel = Field(
        LanguageModel(), description="A language model that is asked about deals; see docs/language_model.md."
    )

    web: Web = Field(Web(), description="The page; see docs/page.md.")
    _lake: LakeAddress | None = PrivateAttr(None)

    @property
    def lake(self) -> LakeAddress | None:
        """The DuckLake that holds the warehouse, if no file does. What belongs to it here lies beside `database`."""
        return self._lake

    @property
    def place(self) -> str:
        """Where the warehouse is, fit to be shown and stored: the file's full path, or the lake without password."""
        return self._lake.shown if self._lake else str(self.database.resolve())

    @property
    def named(self) -> str:
        """The warehouse as the user names it, without a password."""
        return self._lake.shown if self._lake else str(self.database)

    @model_validator(mode="wrap")
    @classmethod
    def _on_a_lake(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        text = str(data.get("database", "")) if isinstance(data, dict) else ""
        if not text.startswith(PREFIX.partition(":")[0] + ":"):
            return handler(data)
        try:
            lake = LakeAddress.parse(text)
        except InvalidInput as error:
            raise ValueError(f"database: {error}") from error
        found = handler({**data, "database": Path(f"{lake.name}.lake")})
        found._lake = lake
        return found

    _none = field_validator("publish_to", mode="before")(_given)

    _split = field_validator("allow_private_hosts", mode="before")(_listed)

    @field_validator("connect_to", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if any(not host.strip() or not place.strip() for host, _, place in pairs):
            raise ValueError("write it like news.example=127.0.0.1:8080")
        return {host.strip(): place.strip() for host, _, place in pairs}

    @field_validator("smtp")
    @classmethod
    def _no_password(cls, value: str) -> str:
        if value and not value.startswith(("smtp://", "smtps://")):
            raise ValueError("write it like smtp://mail.example:587")
        login = value.partition("://")[2].rpartition("@")[0]
        if login and not re.fullmatch(r"\$\{\w+\}", login):
            raise ValueError("put name:password into an environment variable and write ${NAME_OF_THE_VARIABLE}@host")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = settings_cls.model_config.get("toml_file")
        if path is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(config: Path | None = None, **arguments: Any) -> Settings:
    """The settings in force; `config` names the file, else `dealwire.toml` in this folder, if there is one.

    Arguments that are None count as not given. Raises `SettingsInvalid` with the line or the field at fault.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    path = config or Path(CONFIG_NAME)
    if config is not None and not config.is_file():
        raise SettingsInvalid(str(config), "there is no such file; `dealwire init` writes one")

    class WithFile(Settings):
        model_config = SettingsConfigDict(toml_file=path if path.is_file() else None)

    try:
        found = WithFile(**given)
        if found.lake and not found.lake.password and "database" in given:
            # Named without its password, as it is shown; the settings may know it.
            configured = WithFile(**{name: value for name, value in given.items() if name != "database"})
            if configured.lake and configured.lake.options == found.lake.options:
                found = configured
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(str(path), _no_toml(str(error))) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        known = ", ".join(sorted(_fields_beside(first["loc"]))) if first["type"] == "extra_forbidden" else ""
        told = first["msg"].removeprefix("Value error, ")
        at_fault = f"{field}: {told}" if field else told
        reason = f"there is no setting {field!r}; known are {known}" if known else at_fault
        raise SettingsInvalid(f"{path} or DEALWIRE_* variables", reason) from error
    except SettingsError as error:
        raise SettingsInvalid("DEALWIRE_* variables", str(error)) from error
    plain = Settings.model_construct(**{name: getattr(found, name) for name in Settings.model_fields})
    plain._lake = found.lake
    return plain


def _no_toml(told: str) -> str:
    # The file of `dealwire init` has all tables: whoever adds lines from a page at its end has one of them twice.
    if twice := re.match(r"Cannot declare \('(?P<table>\w+)',\) twice \(at line (?P<line>\d+)", told):
        return f"[{twice['table']}] begins again in line {twice['line']}; put its lines below the first one"
    return f"not valid TOML: {told}"


def _fields_beside(place: tuple[int | str, ...]) -> list[str]:
    """The names that are known where an unknown one stands."""
    fields = Settings.model_fields
    for part in place[:-1]:
        if isinstance(part, str):
            kind = fields[part].annotation
            # The entries of a list are of the kind in its annotation.
            inner = next((one for one in (kind, *get_args(kind)) if hasattr(one, "model_fields")), None)
            fields = inner.model_fields if inner is not None else {}
    return list(fields)
