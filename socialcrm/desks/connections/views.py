"""Keys of the API: made, rotated, revoked. Administrators only; a key's text is shown once."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIBlueprint
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...accounts.audit import audit
from ...accounts.session import require_role
from ...api.actions import issue_key, revoke_key, rotate_key
from ...api.keys import FreshKey
from ...api.models import ApiKey
from ...api.queries import keys
from ...database import db, transaction, utcnow
from ...errors import NotFound
from .forms import WORDS, KeyForm, RotateForm

bp = APIBlueprint("connections", __name__, url_prefix="/admin/api-keys", enable_openapi=False)


@bp.get("")
def overview() -> str:
    """Every key with its scopes and last use."""
    require_role("admin")
    return _page(KeyForm())


@bp.post("")
def make() -> ResponseReturnValue:
    """Make a key and show it, this once."""
    acting = require_role("admin")
    form = KeyForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with transaction():
        key, fresh = issue_key(str(form.name.data), form.scopes.data or [], made_by_id=acting.id)
        audit(acting, "api_key_made", "api_key", key.id, name=key.name, scopes=key.scopes)
    return _page(KeyForm(formdata=None), key, fresh)


@bp.post("/<int:key_id>/rotate")
def rotate(key_id: int) -> ResponseReturnValue:
    """Make the key's successor and show it; the old one runs out after the overlap."""
    acting = require_role("admin")
    form = RotateForm()
    if not form.validate_on_submit():
        return _page(KeyForm(formdata=None)), 422
    with transaction():
        overlap = timedelta(hours=form.overlap.data)
        key, fresh = rotate_key(_key(key_id), overlap, made_by_id=acting.id)
        audit(acting, "api_key_rotated", "api_key", key_id, name=key.name, hours=form.overlap.data)
    return _page(KeyForm(formdata=None), key, fresh)


@bp.post("/<int:key_id>/revoke")
def revoke(key_id: int) -> ResponseReturnValue:
    """Let the key open nothing any more."""
    acting = require_role("admin")
    with transaction():
        key = _key(key_id)
        revoke_key(key)
        audit(acting, "api_key_revoked", "api_key", key.id, name=key.name)
    flash(_("停用了「%(name)s」的密钥。", name=key.name))
    return redirect(url_for("connections.overview"))


def _key(key_id: int) -> ApiKey:
    key = db.session.get(ApiKey, key_id)
    if key is None:
        raise NotFound
    return key


def _page(form: KeyForm, made: ApiKey | None = None, fresh: FreshKey | None = None) -> str:
    return render_template(
        "api/keys.html",
        keys=keys(),
        form=form,
        rotation=RotateForm(formdata=None),
        words=WORDS,
        made=made,
        fresh=fresh,
        now=utcnow(),
    )
