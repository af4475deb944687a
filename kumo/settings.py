"""The settings: one table, read once. Only this module reads the environment.

Each attribute of `Settings` is a row of the table: variable, default, parser, help. To add a
setting, add a row there, then write the result of `example()` to `.env.example`.
"""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from dotenv import dotenv_values

from kumo import kinds
from kumo.domain.detectors import DETECTORS
from kumo.errors import SettingsError

LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MEBIBYTE: Final = 1024**2
LARGEST_BODY: Final = 1024**3
LONGEST_WAIT: Final = 10
LARGEST_AMOUNT: Final = 10**12
LONGEST_AGE: Final = 36_500
MOST_FALSE_ALERTS: Final = 10_000
_PREFIXES: Final = ("KUMO", "REDIS", "SLACK")
# SLACK_URL and SLACK_API_URL are as close to SLACK_WEBHOOK_URL. SLACK_BOT_TOKEN and REDIS_HOST are not close to ours.
_CLOSE: Final = 0.65


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its variable, its default as text, its parser, its help."""

    name: str
    default: str
    parse: Callable[[str], object]
    help: str
    secret: bool

    def read(self, raw: str) -> object:
        """Parse the text of the variable; raise an error with the allowed values, which never quotes a secret."""
        try:
            return self.parse(raw)
        except ValueError as error:
            value = "has a value that is not allowed" if self.secret else f"is {raw!r}"
            raise SettingsError(f"{self.name} {value}; allowed: {error}") from None


def _row(name: str, default: str, parse: Callable[[str], object], text: str, *, secret: bool = False) -> Any:  # noqa: ANN401 - typed as dataclasses.field() is, so that each attribute keeps its own type
    """Attach one row of the table to one attribute; a secret never appears in the repr."""
    row = Setting(name, default, parse, text, secret)
    return field(default=parse(default), repr=not secret, metadata={"row": row})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its value: from `load`, or `Settings(threshold=2.0)` in a test."""

    # fmt: off
    redis_url: str = _row("REDIS_URL", "", kinds.redis_url, secret=True, text=
        "Redis for store and queues; empty: an embedded server with its data in KUMO_DATA_DIR.")
    store_url: str = _row("KUMO_STORE_URL", "", kinds.store_urls, secret=True, text=
        "Redis for the store only, or some nodes of a Redis Cluster, separated by commas; empty: REDIS_URL.")
    slack_webhook_url: str = _row("SLACK_WEBHOOK_URL", "", kinds.web_url, secret=True, text=
        "Slack incoming webhook for alerts; empty: alerts are kept but not sent.")
    slack_hosts: tuple[str, ...] = _row("KUMO_SLACK_HOSTS", "hooks.slack.com", kinds.hosts,
        "Hosts allowed for the webhook, separated by commas.")
    slack_ambiguous: str = _row("KUMO_SLACK_AMBIGUOUS", "repeat", kinds.choice("repeat", "hold"),
        "An alert that Slack may have received: repeat sends it again, marked as a repeat; hold does not.")
    host: str = _row("KUMO_HOST", "127.0.0.1", kinds.host,
        "Address to listen on; 0.0.0.0 inside a container.")
    port: int = _row("PORT", "8000", kinds.whole(1, 65_535), "Port to listen on.")
    web_concurrency: int = _row("WEB_CONCURRENCY", "2", kinds.whole(1, 256), "Web processes.")
    public_url: str = _row("KUMO_PUBLIC_URL", "", kinds.web_url,
        "Address of this service in alerts and links; empty: http://127.0.0.1:PORT.")
    cors_origins: tuple[str, ...] = _row("KUMO_CORS_ORIGINS", "", kinds.origins,
        "Origins whose pages may call the API, separated by commas; empty: none.")
    allowed_hosts: tuple[str, ...] = _row("KUMO_ALLOWED_HOSTS", "", kinds.read_served_names,
        "Host names that requests may use, separated by commas, besides loopback names, KUMO_HOST and the"
        " host of KUMO_PUBLIC_URL; empty: any name if a key is needed, else no other.")
    auth: str = _row("KUMO_AUTH", "on", kinds.choice("on", "off"),
        "off: everyone who reaches the port may read and write without a key.")
    rate_limit: int = _row("KUMO_RATE_LIMIT", "6000", kinds.whole(0, 10_000_000),
        "Requests a minute for each API key; 0: no limit.")
    max_body_bytes: int = _row("KUMO_MAX_BODY_BYTES", "16777216", kinds.whole(1024, LARGEST_BODY),
        "Largest request body in bytes.")
    max_waiting_bytes: int = _row("KUMO_MAX_WAITING_BYTES", "268435456", kinds.whole(MEBIBYTE, 1024 * LARGEST_BODY),
        "Largest total size in bytes of uploaded bills that wait for an importer; more get 429.")
    ingest_wait: float = _row("KUMO_INGEST_WAIT", "0.0",
        kinds.number(lambda value: 0 <= value <= LONGEST_WAIT, "a number of seconds from 0 to 10"),
        "Seconds that POST /ingest/ waits for the verdict unless the request names them; 0 to 10.")
    detector: str = _row("KUMO_DETECTOR", "adaptive", kinds.choice(*DETECTORS),
        "Detector that judges entries: adaptive, or zscore for plain z > KUMO_THRESHOLD against the window.")
    window: int = _row("KUMO_WINDOW", "100", kinds.whole(2, 1000),
        "Number of newest entries of a series that form its window; 2 to 1000.")
    threshold: float = _row("KUMO_THRESHOLD", "3.0",
        kinds.number(lambda value: value > 0, "a number above 0"),
        "Score above which an entry is an anomaly; under zscore, standard deviations above the mean.")
    min_history: int = _row("KUMO_MIN_HISTORY", "10", kinds.whole(2, 1000),
        "Entries that a series needs before it is judged; 2 to KUMO_WINDOW.")
    alert_max_age: float = _row("KUMO_ALERT_MAX_AGE", "3",
        kinds.number(lambda value: 0 <= value <= LONGEST_AGE, "a number of days from 0 to 36500"),
        "Largest age in days at which an arriving entry may raise an alert; 0: any age.")
    first_spend: float | None = _row("KUMO_FIRST_SPEND", kinds.AUTO, kinds.auto_or_number(0, LARGEST_AMOUNT),
        "Amount above which the first day of something new is an anomaly, in its currency; auto: 2 % of the usual day"
        " of all costs, at least 10; 0: no limit.")
    min_impact: float | None = _row("KUMO_MIN_IMPACT", "", kinds.optional_number(0, LARGEST_AMOUNT),
        "Smallest impact of an anomaly that raises an alert, in its currency, unless a policy sets one; empty: 1, or 0"
        " under zscore.")
    min_share: float | None = _row("KUMO_MIN_SHARE", "", kinds.optional_number(0, 1),
        "The same as a share of the usual day of all costs; empty: 0.001, or 0 under zscore.")
    false_alerts: float = _row("KUMO_FALSE_ALERTS", "4", kinds.between(0, MOST_FALSE_ALERTS),
        "False alerts a month that are accepted, for the whole installation; 0: every anomaly may raise an alert.")
    settle_days: int = _row("KUMO_SETTLE_DAYS", "1", kinds.whole(0, 31),
        "Days that must follow in a bill before one of its days is complete.")
    partitions: int = _row("KUMO_PARTITIONS", "16", kinds.whole(1, 256),
        "Number of partitions: groups of series that are judged separately; fixed by the first start; 1 to 256.")
    retention_days: int = _row("KUMO_RETENTION_DAYS", "0", kinds.whole(0, 36_500),
        "Days for which entries are kept; 0: for ever. Daily totals stay.")
    tag_keys: tuple[str, ...] = _row("KUMO_TAG_KEYS", "team,env,project", kinds.tag_keys,
        "Tag keys to sum costs by, separated by commas; imported costs keep only these; none: no keys.")
    data_dir: Path = _row("KUMO_DATA_DIR", "var", Path,  # noqa: RUF009 - a Path never changes
        "Folder for the data, socket and log of the embedded server.")
    log_level: str = _row("KUMO_LOG_LEVEL", "INFO", kinds.choice(*LOG_LEVELS),
        "Lowest level of log lines to write: " + ", ".join(LOG_LEVELS) + ".")
    # fmt: on

    def __post_init__(self) -> None:
        """Check settings that depend on each other, and derive the public address."""
        if self.min_history > self.window:
            raise SettingsError(
                f"KUMO_MIN_HISTORY is {self.min_history}; allowed: at most KUMO_WINDOW, which is {self.window}"
            )
        if self.slack_webhook_url and not self._slack_allowed():
            raise SettingsError(
                "SLACK_WEBHOOK_URL has a value that is not allowed; allowed: https:// on one of"
                f" KUMO_SLACK_HOSTS ({', '.join(self.slack_hosts)}), or a loopback address"
            )
        if self.auth == "off" and kinds.ANY_ORIGIN in self.cors_origins:
            raise SettingsError(
                "KUMO_CORS_ORIGINS is *, which needs API keys, and KUMO_AUTH is off; allowed: the origins themselves,"
                " or KUMO_AUTH=on with a key"
            )
        address = self.public_url or f"http://127.0.0.1:{self.port}"
        object.__setattr__(self, "public_url", address.rstrip("/"))

    def _slack_allowed(self) -> bool:
        parts = urlsplit(self.slack_webhook_url)
        host = parts.hostname or ""
        return kinds.is_loopback(host) or (parts.scheme == "https" and host in self.slack_hosts)

    @property
    def effective_store_url(self) -> str:
        """The address of the store; the queues' Redis unless KUMO_STORE_URL is set."""
        return self.store_url or self.redis_url


TABLE: Final[tuple[Setting, ...]] = tuple(entry.metadata["row"] for entry in fields(Settings))
_ATTRIBUTES: Final = {entry.metadata["row"].name: entry.name for entry in fields(Settings)}


def environment() -> dict[str, str]:
    """Return the variables of `.env` and of the process. The process wins; neither is changed."""
    beside = dotenv_values(".env", interpolate=False)
    return {name: text for name, text in {**beside, **os.environ}.items() if text is not None}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ`, or else from `environment()`; empty counts as unset.

    Raises SettingsError for a wrong value or an unknown KUMO_ name.
    """
    given = environment() if environ is None else environ
    for name in given:
        if name.startswith("KUMO_") and name not in _ATTRIBUTES:
            raise SettingsError(_unknown(name))
    texts = {row: given.get(row.name, "").strip() for row in TABLE}
    values: dict[str, Any] = {_ATTRIBUTES[row.name]: row.read(text) for row, text in texts.items() if text}
    return Settings(**values)


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, _ATTRIBUTES, n=1)
    hint = f"did you mean {close[0]}?" if close else "known are " + ", ".join(_ATTRIBUTES)
    return f"{name} is not a setting; {hint}"


def find_near_misses(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return a sentence for each variable that looks like a misspelled setting, if that setting is not set.

    Only names that begin like ours count, in any case; others belong to other programs.
    """
    given = environment() if environ is None else environ
    unset = [row.name for row in TABLE if not given.get(row.name, "").strip()]
    ours = [name for name, text in given.items() if text.strip() and name.upper().startswith(_PREFIXES)]
    close = {name: difflib.get_close_matches(name.upper(), unset, n=1, cutoff=_CLOSE) for name in ours}
    return [
        f"{name} is set and is not a setting; did you mean {found[0]}?"
        for name, found in close.items()
        if found and name not in _ATTRIBUTES
    ]


def example() -> str:
    """Return the text of `.env.example`: every row with its help, commented out, with its default."""
    rows = [f"# {row.help}\n#{row.name}={row.default}\n" for row in TABLE]
    return "\n".join(["# Copy to .env and uncomment what you want to change.\n", *rows])
