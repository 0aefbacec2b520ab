"""SocialCRM: a social CRM and community platform.

`from socialcrm import create_app` makes the application. It is imported only when asked for, so that the pure
parts, the sentiment engine first of all, can be used without the web's libraries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .application import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from .application import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
