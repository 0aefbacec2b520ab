"""Every setting, read once from the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ENGINE_VARIABLES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")
WEAK_SECRETS = {"", "dev", "secret", "changeme", "change-me", "default"}


class ConfigError(Exception):
    """The environment asks for something that is not supported; the message says what is missing."""


@dataclass(frozen=True)
class Config:
    """What an installation is made of. `from_env` is the only constructor production code uses."""

    data_dir: Path
    secret_key: str
    #: SQLAlchemy URL; SQLite in `data_dir` when none of the three engines is set.
    database_url: str
    #: Redis for Celery, Socket.IO and rate limits; None in the embedded set.
    redis_url: str | None = None
    elasticsearch_url: str | None = None
    #: development, test or production.
    environment: str = "development"
    #: The address customers type; links in mails begin with it.
    base_url: str = "http://127.0.0.1:8000"
    #: smtp://user:password@host:port or smtps://; without it mails are read in the admin's outbox.
    smtp_url: str | None = None
    mail_from: str = "no-reply@localhost"
    #: s3://key:secret@host:port/bucket?region=…&secure=0|1; without it uploads lie in data_dir/uploads.
    uploads_url: str | None = None
    #: The brand's time zone, used at the edges only.
    timezone: str = "Asia/Shanghai"
    #: Number of proxies in front whose X-Forwarded-* headers are believed.
    trusted_proxies: int = 0
    #: Bearer token for /metrics; without one only loopback may read it.
    metrics_token: str | None = None
    #: json or console.
    log_format: str = "console"
    #: Prefix of Elasticsearch indexes, so that several installations can share a cluster.
    search_prefix: str = "socialcrm"
    #: Threads of the one embedded process; each open web socket holds one.
    threads: int = 128
    #: Seconds between sweeps of the embedded worker; a nudge starts work at once.
    sweep_seconds: float = 0.5
    #: Rate limits are on unless a test or a benchmark switches them off.
    rate_limits: bool = True
    #: Webhooks may go to addresses inside the network also in production.
    private_webhooks: bool = False
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def engine_set(self) -> str:
        """`embedded` (SQLite, in-process worker, FTS5) or `full` (PostgreSQL, Redis, Elasticsearch)."""
        return "full" if self.redis_url else "embedded"

    @property
    def production(self) -> bool:
        """Whether cookies must be secure and weak secrets are refused."""
        return self.environment == "production"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """Read the environment; raises ConfigError with a sentence on an unsupported combination."""
        env = os.environ if env is None else env
        data_dir = Path(env.get("DATA_DIR", "data")).resolve()
        database_url, redis_url, elasticsearch_url = _engines(env, data_dir)
        environment = env.get("SOCIALCRM_ENV", "development")
        if environment not in {"development", "test", "production"}:
            raise ConfigError(f"SOCIALCRM_ENV is '{environment}'; use development, test or production.")
        return cls(
            data_dir=data_dir,
            secret_key=_secret(env, data_dir, environment),
            database_url=database_url,
            redis_url=redis_url,
            elasticsearch_url=elasticsearch_url,
            environment=environment,
            base_url=env.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            smtp_url=env.get("SMTP_URL") or None,
            mail_from=env.get("MAIL_FROM", "no-reply@localhost"),
            uploads_url=env.get("UPLOADS_URL") or None,
            timezone=env.get("BRAND_TIMEZONE", "Asia/Shanghai"),
            trusted_proxies=int(env.get("TRUSTED_PROXIES", "0")),
            metrics_token=env.get("METRICS_TOKEN") or None,
            log_format=env.get("LOG_FORMAT", "console"),
            search_prefix=env.get("SEARCH_PREFIX", "socialcrm"),
            threads=int(env.get("THREADS", "128")),
            sweep_seconds=float(env.get("SWEEP_SECONDS", "0.5")),
            rate_limits=env.get("RATE_LIMITS", "on") != "off",
            private_webhooks=env.get("PRIVATE_WEBHOOKS", "off") == "on",
        )


def _engines(env: Mapping[str, str], data_dir: Path) -> tuple[str, str | None, str | None]:
    given = {name: env[name] for name in ENGINE_VARIABLES if env.get(name)}
    if not given:
        return f"sqlite:///{data_dir / 'socialcrm.db'}", None, None
    missing = [name for name in ENGINE_VARIABLES if name not in given]
    if missing:
        raise ConfigError(
            f"{', '.join(given)} set, but {', '.join(missing)} missing. "
            "Set all three for the full set, or none for the embedded one."
        )
    url = given["DATABASE_URL"]
    if not url.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
        raise ConfigError("DATABASE_URL must name a PostgreSQL database in the full set.")
    scheme, rest = url.split("://", 1)
    del scheme
    return f"postgresql+psycopg://{rest}", given["REDIS_URL"], given["ELASTICSEARCH_URL"]


def _secret(env: Mapping[str, str], data_dir: Path, environment: str) -> str:
    given = env.get("SECRET_KEY")
    if given is None:
        return _kept_secret(data_dir / "secret")
    if environment == "production" and (given.lower() in WEAK_SECRETS or len(given) < 32):
        raise ConfigError(
            "SECRET_KEY is a default or shorter than 32 characters; refusing to start in production."
        )
    return given


def _kept_secret(path: Path) -> str:
    """The secret made at the first start; created exclusively so that two first starts agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
