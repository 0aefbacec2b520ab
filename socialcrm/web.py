"""What every page shares: languages, CSRF, security headers, rate limits, request ids, brand and who is signed in."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import structlog
from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.routing import IntegerConverter, Rule

from .config import Config
from .errors import problem, wants_json
from .sentences import install_sentences

LANGUAGES = ("zh", "en")
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

LARGEST_ID = 2**63 - 1
UPLOAD_LIMIT = 96 * 1024 * 1024
View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()
babel = Babel()


class LateRule(Rule):
    """A route whose builder of addresses is compiled when the first address is built.

    Werkzeug compiles two a route when the route is added: nine tenths of what making the application cost. What is
    compiled depends on the route's words alone, so that all applications of a process (the tests') share it.
    """

    #: A route's words → the first rule made of them.
    _first: ClassVar[dict[tuple[object, ...], LateRule]] = {}

    def compile(self) -> None:
        """Take over what the first rule of the same words was compiled to, or be that rule."""
        key = self.rule, repr(self.defaults), self.subdomain, self.host, self.merge_slashes
        first = self._first.setdefault(key, self)
        if first is self:
            super().compile()
            return
        self._parts, self._trace, self._converters = first._parts, first._trace, first._converters
        self.arguments = self.arguments | first.arguments
        builders: tuple[Any, Any] = first._build, first._build_unknown
        self._build, self._build_unknown = (each.__func__.__get__(self) for each in builders)

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build


def _limit_key() -> str:
    from .accounts.session import current_account

    account = current_account()
    return f"account:{account.id}" if account else f"address:{get_remote_address()}"


limiter = Limiter(key_func=_limit_key, strategy="moving-window")


def init_web(app: Flask, config: Config) -> None:
    """Bind the extensions and hooks of every page."""
    app.config["RATELIMIT_STORAGE_URI"] = config.redis_url or "memory://"
    app.config["RATELIMIT_ENABLED"] = config.rate_limits
    app.config["RATELIMIT_HEADERS_ENABLED"] = True
    # While Redis is away each process counts for itself instead of refusing everybody.
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    _configure_logging(config)
    app.url_map.converters["int"] = IdConverter
    app.before_request(_allow_uploads)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=language)
    install_sentences(app)
    app.before_request(_begin_request)
    app.after_request(_finish_request)
    app.register_error_handler(CSRFError, _csrf_error)
    app.context_processor(_shared_context)
    app.jinja_env.globals.update(asset=asset, base_url=config.base_url)
    _register_sign_in_redirect(app)


def language() -> str:
    """zh unless the person chose otherwise: `?lang=`, then the account, then the cookie, then the browser."""
    from .accounts.session import current_account

    if not request:
        return "zh"
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    account = current_account()
    if account is not None and account.language in LANGUAGES:
        return account.language
    if session.get("lang") in LANGUAGES:
        return str(session["lang"])
    return request.accept_languages.best_match(["zh", "zh-CN", "zh-TW", "en"], "zh").split("-")[0]


class IdConverter(IntegerConverter):
    """Ids in paths up to what the databases hold. A larger one is read as 0, the id of nothing, and so not found.

    (Werkzeug's own `max` would answer 405 where another method has the same path.)
    """

    def to_python(self, value: str) -> int:
        number = int(super().to_python(value))
        return number if number <= LARGEST_ID else 0


def whole_number(text: str) -> int:
    """For `request.args.get(…, type=whole_number)`: a number the databases hold, ValueError otherwise."""
    number = int(text)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(text)
    return number


def moment_and_id(text: str) -> tuple[datetime, int]:
    """For `request.args.get(…, type=moment_and_id)`: the `time,id` of a list's last row, ValueError otherwise."""
    moment, _, number = text.partition(",")
    at = datetime.fromisoformat(moment)
    if at.tzinfo is None:
        raise ValueError(text)
    try:
        return at.astimezone(UTC), whole_number(number)
    except OverflowError:
        raise ValueError(text) from None


def takes_uploads(view: View) -> View:
    """Let a view's form carry several pictures; each has its own, smaller limit."""
    view.takes_uploads = True  # type: ignore[attr-defined]
    return view


def _allow_uploads() -> None:
    """Before anything reads the form (CSRF does)."""
    if getattr(current_app.view_functions.get(request.endpoint or ""), "takes_uploads", False):
        request.max_content_length = UPLOAD_LIMIT


def _begin_request() -> None:
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or secrets.token_hex(8)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish_request(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
    headers["X-Request-Id"] = g.get("request_id", "")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in headers and not request.path.startswith(("/static/", "/files/")):
        headers["Cache-Control"] = "no-store" if "key" in session else "no-cache"
    structlog.get_logger().info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
    )
    return response


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    if wants_json():
        return problem(400, "csrf_failed", error.description)
    from flask import render_template

    return render_template("errors/error.html", status=400, code="csrf_failed", facts={}), 400


def _register_sign_in_redirect(app: Flask) -> None:
    from .accounts.session import SignInNeeded

    @app.errorhandler(SignInNeeded)
    def _to_sign_in(error: SignInNeeded) -> ResponseReturnValue:
        if wants_json() or request.headers.get("HX-Request"):
            return problem(401, "sign_in_needed")
        back = request.full_path if request.method == "GET" else (request.referrer or "/")
        return redirect(url_for("accounts.sign_in", next=back))


def _shared_context() -> dict[str, Any]:
    from .accounts.session import current_account
    from .settings import setting

    return {
        "account": current_account(),
        "brand_name": setting("brand.name"),
        "brand_slogan": setting("brand.slogan"),
        "brand_logo": setting("brand.logo"),
        "lang": language(),
        "setting": setting,
    }


class _Manifest:
    """What the front end's build is called now; looked at again every second, not for each of a page's icons."""

    path = Path(__file__).parent / "static" / "manifest.json"
    until = 0.0
    stamp = 0.0
    names: dict[str, str] = {}


def asset(name: str) -> str:
    """URL of a built file by its unhashed name (`core.js`, `site.css`)."""
    if time.monotonic() >= _Manifest.until:
        _read_manifest()
    return "/static/" + _Manifest.names.get(name, name)


def _read_manifest() -> None:
    stamp = _Manifest.path.stat().st_mtime if _Manifest.path.exists() else 0.0
    if stamp != _Manifest.stamp:
        _Manifest.names = json.loads(_Manifest.path.read_text()) if stamp else {}
        _Manifest.stamp = stamp
    _Manifest.until = time.monotonic() + 1


def _configure_logging(config: Config) -> None:
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if config.log_format != "json":
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if config.environment == "test" else logging.INFO
        ),
        cache_logger_on_first_use=False,
    )
