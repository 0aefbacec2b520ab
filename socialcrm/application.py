"""`create_app` puts the program together: config → extensions → areas."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module, resources
from pathlib import Path

from apiflask import APIFlask
from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from .config import Config
from .database import db
from .web import LateRule

#: The areas, lowest floor first; each may have models, views (bp), api (bp), access (room doors).
AREAS = (
    "api",
    "customers",
    "accounts",
    "shop",
    "outbox",
    "sentiment",
    "search",
    "loyalty",
    "community",
    "referrals",
    "channels",
    "value",
    "service",
    "desks",
)

migrate = Migrate()


def create_app(config: Config | None = None, *, live_mode: str = "threading") -> Flask:
    """The application, with every area registered; raises ConfigError on an unsupported environment."""
    config = config or Config.from_env()
    root = _root()
    app = APIFlask(
        "socialcrm",
        enable_openapi=False,
        template_folder=str(root / "templates"),
        static_folder=str(Path(__file__).parent / "static"),
        json_errors=False,
    )
    app.url_rule_class = LateRule
    _configure(app, config)
    _init_extensions(app, config, live_mode)
    _register_areas(app)
    import_module("socialcrm.flow")
    from .worker_wiring import init_worker

    init_worker(app, config)
    return app


def _root() -> Path:
    """Where templates lie: beside the package in a checkout, inside it in a wheel."""
    package = Path(str(resources.files(__package__ or "socialcrm")))
    return package if (package / "templates").is_dir() else package.parent


def _configure(app: APIFlask, config: Config) -> None:
    app.extensions["config"] = config
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        MAX_CONTENT_LENGTH=12 * 1024 * 1024,
        SESSION_COOKIE_NAME="socialcrm",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.production,
        PERMANENT_SESSION_LIFETIME=30 * 86400,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DEFAULT_TIMEZONE=config.timezone,
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "locale"),
        OPENAPI_VERSION="3.1.0",
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=True,
        LOCAL_SPEC_JSON_INDENT=0,
        TESTING=config.environment == "test",
        SEND_FILE_MAX_AGE_DEFAULT=365 * 86400,
        TEMPLATES_AUTO_RELOAD=config.environment == "development",
    )
    app.title, app.version = "SocialCRM", "1"
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _engine_options(config: Config) -> dict[str, object]:
    if config.database_url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": 15, "check_same_thread": False},
            "pool_size": 20,
            "max_overflow": 200,
        }
    return {"pool_size": 10, "max_overflow": 40, "pool_pre_ping": True}


def _init_extensions(app: APIFlask, config: Config, live_mode: str) -> None:
    from . import errors, live, look, settings, storage, web

    config.data_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    errors.init_errors(app)
    storage.init_storage(app, config)
    web.init_web(app, config)
    look.init_look(app, config)
    settings.forget_cache()
    live.init_live(app, config, async_mode=live_mode)


def _register_areas(app: APIFlask) -> None:
    """Import each area's modules and register the blueprints they define (`bp` in views.py and api.py)."""
    from .api.problems import unreadable
    from .api.spec import complete
    from .web import csrf

    # Not `app.error_processor`: it would answer every page's 404 too.
    app.error_callback = unreadable
    app.spec_processor(complete)  # type: ignore[arg-type]
    for area in AREAS:
        for module in ("models", "access", "views", "api"):
            for name in _rooms(area, module):
                found = import_module(name)
                if hasattr(found, "bp"):
                    app.register_blueprint(found.bp)
                    if module == "api":
                        # A bearer key is sent on purpose; no cookie opens anything there.
                        csrf.exempt(found.bp)


@lru_cache
def _rooms(area: str, module: str) -> list[str]:
    """The area's module and those of its rooms (`socialcrm.service.cases.views`), by name."""
    package = import_module(f"socialcrm.{area}")
    path = Path(str(package.__file__)).parent
    folders = [path, *sorted(child for child in path.iterdir() if (child / "__init__.py").is_file())]
    names = []
    for folder in folders:
        if (folder / f"{module}.py").is_file():
            room = "" if folder == path else f".{folder.name}"
            names.append(f"socialcrm.{area}{room}.{module}")
    return names
