"""Customers through the API: found, kept up to date by their keys, with consents, tags and timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ..api import PREFIX
from ..api.access import current_caller, needs
from ..api.fields import (
    Answer,
    Body,
    Choice,
    Day,
    Facts,
    Flag,
    Items,
    Moment,
    PageAnswer,
    PageQuery,
    Part,
    Share,
    Text,
    Whole,
)
from ..api.lists import list_page
from ..api.paging import page_of, place_of
from ..database import db, transaction
from ..errors import Conflict, Invalid
from .access import customer_for_program, customers_visible_to_programs
from .actions import Key, change_profile, keep_customer, put_tag, set_consent, tag_called, take_tag
from .looks import looked_at_by_program
from .models import IDENTITY_KINDS, PURPOSES, Consent, Customer, TimelineEntry
from .queries import consents_of, customer_by_identity, facts_of, tags_of, timeline_of

bp = APIBlueprint("customers_api", __name__, url_prefix=PREFIX, tag="Customers")

GENDERS = ("female", "male", "other")


class IdentityOut(Answer):
    kind = Choice(*IDENTITY_KINDS, required=True)
    value = Text(required=True)
    verified = Flag(required=True)


class CustomerOut(Answer):
    id = Whole(required=True)
    display_name = Text(60, required=True)
    city = Text(required=True, allow_none=True)
    gender = Text(required=True, allow_none=True)
    birthday = Day(required=True, allow_none=True)
    source = Text(required=True, metadata={"description": "where the brand first met this person"})
    created_at = Moment(required=True)
    identities = Items(Part(IdentityOut), required=True)


class TagOut(Answer):
    code = Text(required=True)
    name = Text(required=True)
    kind = Choice("rule", "manual", "model", required=True)
    since = Moment(required=True)
    evidence = Facts(required=True)


class ProfileOut(CustomerOut):
    mood = Share(
        required=True, allow_none=True, metadata={"description": "−1 … 1; null without profiling consent"}
    )
    consents = Facts(required=True, metadata={"description": "purpose → whether in force"})
    facts = Facts(required=True, metadata={"description": "computed facts, with profiling consent only"})
    tags = Items(Part(TagOut), required=True)


class CustomersOut(PageAnswer):
    items = Items(Part(CustomerOut), required=True)


class CustomerQuery(PageQuery):
    shop = Text(metadata={"description": "the shop's customer number"})
    email = Text(metadata={"description": "a verified address"})
    phone = Text(metadata={"description": "a verified number"})


class ConsentIn(Body):
    purpose = Choice(*(purpose for purpose in PURPOSES if purpose != "service"), required=True)
    granted = Flag(required=True)
    proof = Text(300, metadata={"description": "what proves it; needed where granted is true"})
    text_version = Whole(1, 10_000, metadata={"description": "version of the words that were agreed to"})
    at = Moment()


class CustomerIn(Body):
    shop = Text(
        200, 1, metadata={"description": "the shop's customer number: finds, and is kept as verified"}
    )
    email = Text(200, 1)
    phone = Text(20, 1)
    verified = Items(
        Choice("email", "phone"),
        2,
        load_default=list,
        metadata={
            "description": "which of email and phone the sender has verified; only these find a customer"
        },
    )
    display_name = Text(60, 1, metadata={"description": "needed for a customer who is new"})
    city = Text(60)
    gender = Choice(*GENDERS)
    birthday = Day()
    consents = Items(Part(ConsentIn), 20, load_default=list)


class KeptOut(ProfileOut):
    created = Flag(required=True, metadata={"description": "whether the customer is new"})


class ConsentOut(Answer):
    id = Whole(required=True)
    purpose = Text(required=True)
    granted = Flag(required=True)
    source = Text(required=True)
    proof = Text(300, required=True, allow_none=True)
    text_version = Whole(required=True, allow_none=True)
    at = Moment(required=True)


class ConsentsOut(Answer):
    in_force = Facts(required=True)
    history = Items(Part(ConsentOut), required=True)


class EntryOut(Answer):
    id = Whole(required=True)
    at = Moment(required=True)
    kind = Text(required=True)
    subject = Text(required=True)
    subject_id = Whole(required=True)
    facts = Facts(required=True)


class TimelineOut(PageAnswer):
    items = Items(Part(EntryOut), required=True)


class TagIn(Body):
    code = Text(40, 1, required=True)
    why = Text(300, load_default="")


class TagsOut(Answer):
    items = Items(Part(TagOut), required=True)


@bp.get("/customers")
@needs("customers:read")
@bp.input(CustomerQuery, location="query")
@bp.output(CustomersOut)
def list_customers(query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List customers, newest first

    One at most with `shop`, `email` or `phone`: keys that are not verified find nobody.
    """
    keys = [(kind, query_data[kind]) for kind in ("shop", "email", "phone") if query_data.get(kind)]
    query = customers_visible_to_programs().options(selectinload(Customer.identities))
    for kind, value in keys:
        found = customer_by_identity(kind, value)
        query = query.where(Customer.id == (found.id if found else 0))
    page = list_page(query, query_data, Customer.id)
    page["items"] = [_customer(customer) for customer in page["items"]]
    looked_at_by_program(*(item["id"] for item in page["items"]))
    return page


@bp.get("/customers/<int:customer_id>")
@needs("customers:read")
@bp.output(ProfileOut)
def show_customer(customer_id: int) -> dict[str, Any]:
    """Show one customer

    The look is written down where the customer can read it.
    """
    customer_for_program(customer_id)
    looked_at_by_program(customer_id)
    return _profile(customer_for_program(customer_id))


@bp.post("/customers")
@needs("customers:write")
@bp.input(CustomerIn)
@bp.output(KeptOut)
def keep(json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Create or update a customer

    Found by shop number, else by a verified email or phone. Fields that are left out stay as they are. An email or
    phone that is not verified is attached and finds nobody. Consents need their proof.
    """
    keys = [Key("shop", json_data["shop"], True)] if "shop" in json_data else []
    keys += [
        Key(kind, json_data[kind], kind in json_data["verified"])
        for kind in ("email", "phone")
        if kind in json_data
    ]
    with transaction():
        customer, is_new = keep_customer(keys, name=json_data.get("display_name"), source="api")
        _update(customer, json_data)
        for consent in json_data["consents"]:
            _consent(customer.id, consent)
    return {**_profile(customer), "created": is_new}


def _update(customer: Customer, given: Mapping[str, Any]) -> None:
    if not {"display_name", "city", "gender", "birthday"} & given.keys():
        return
    change_profile(
        customer,
        display_name=given.get("display_name", customer.display_name),
        city=given.get("city", customer.city),
        gender=given.get("gender", customer.gender),
        birthday=given.get("birthday", customer.birthday),
        bio=customer.bio,
    )


def _consent(customer_id: int, given: Mapping[str, Any]) -> None:
    if given["granted"] and not given.get("proof", "").strip():
        raise Invalid("consent_without_proof", field="proof")
    set_consent(
        customer_id,
        given["purpose"],
        given["granted"],
        source="api",
        text_version=given.get("text_version"),
        proof=given.get("proof"),
        at=given.get("at"),
    )


@bp.get("/customers/<int:customer_id>/consents")
@needs("customers:read")
@bp.output(ConsentsOut)
def list_consents(customer_id: int) -> dict[str, Any]:
    """Show a customer's consents, those in force and their history"""
    customer_for_program(customer_id)
    looked_at_by_program(customer_id)
    return _consents(customer_id)


@bp.post("/customers/<int:customer_id>/consents")
@needs("customers:write")
@bp.input(ConsentIn)
@bp.output(ConsentsOut)
def change_consent(customer_id: int, json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Give or withdraw a consent

    Giving needs its proof. Withdrawing the profiling consent removes what was computed.
    """
    with transaction():
        customer_for_program(customer_id)
        _consent(customer_id, json_data)
    return _consents(customer_id)


def _consents(customer_id: int) -> dict[str, Any]:
    history = db.session.scalars(
        select(Consent).where(Consent.customer_id == customer_id).order_by(Consent.id.desc()).limit(100)
    )
    return {"in_force": consents_of(customer_id), "history": list(history)}


@bp.get("/customers/<int:customer_id>/timeline")
@needs("customers:read")
@bp.input(PageQuery, location="query")
@bp.output(TimelineOut)
def timeline(customer_id: int, query_data: Mapping[str, Any]) -> dict[str, Any]:
    """List what happened with a customer, newest first

    What was said in chats and cases is told to keys with `conversations:read`; others see that they took place.
    """
    customer_for_program(customer_id)
    looked_at_by_program(customer_id)
    before = place_of(query_data.get("cursor"), datetime, int)
    rows = timeline_of(customer_id, limit=query_data["limit"] + 1, before=before)
    page = page_of(rows, query_data["limit"], lambda entry: (entry.at, entry.id))
    told = current_caller().may("conversations:read")
    return page | {
        "items": [entry if told or not entry.is_private else _untold(entry) for entry in page["items"]]
    }


#: The facts of a chat or a case that hold what was said, or lead there.
_SAID = frozenset({"excerpt", "title", "text", "url"})


def _untold(entry: TimelineEntry) -> dict[str, Any]:
    facts = {name: value for name, value in entry.facts.items() if name not in _SAID}
    names = ("id", "at", "kind", "subject", "subject_id")
    return {**{name: getattr(entry, name) for name in names}, "facts": facts}


@bp.get("/customers/<int:customer_id>/tags")
@needs("customers:read")
@bp.output(TagsOut)
def list_tags(customer_id: int) -> dict[str, Any]:
    """List a customer's tags with their evidence"""
    customer_for_program(customer_id)
    looked_at_by_program(customer_id)
    return {"items": _tags(customer_id)}


@bp.post("/customers/<int:customer_id>/tags")
@needs("customers:write")
@bp.input(TagIn)
@bp.output(TagsOut)
def give_tag(customer_id: int, json_data: Mapping[str, Any]) -> dict[str, Any]:
    """Give a manual tag

    Computed tags follow from what happened and are refused (409 tag_computed).
    """
    with transaction():
        customer_for_program(customer_id)
        _manual(json_data["code"])
        put_tag(customer_id, json_data["code"], why=json_data["why"], by=current_caller().name)
    return {"items": _tags(customer_id)}


@bp.delete("/customers/<int:customer_id>/tags/<code>")
@needs("customers:write")
@bp.output(TagsOut)
def remove_tag(customer_id: int, code: str) -> dict[str, Any]:
    """Take a manual tag away"""
    with transaction():
        customer_for_program(customer_id)
        _manual(code)
        take_tag(customer_id, code)
    return {"items": _tags(customer_id)}


def _manual(code: str) -> None:
    if "\0" in code:
        raise Invalid("unknown_tag", field="code")
    if tag_called(code).kind != "manual":
        raise Conflict("tag_computed", field="code")


def _tags(customer_id: int) -> list[dict[str, Any]]:
    return [
        {"code": tag.code, "name": tag.name, "kind": tag.kind, "since": row.since, "evidence": row.evidence}
        for tag, row in tags_of(customer_id)
    ]


def _customer(customer: Customer) -> dict[str, Any]:
    names = ("id", "display_name", "city", "gender", "birthday", "source", "created_at")
    identities: Iterable[Any] = (each for each in customer.identities if each.kind != "visitor")
    return {name: getattr(customer, name) for name in names} | {
        "identities": [
            {"kind": each.kind, "value": each.value, "verified": each.verified_at is not None}
            for each in identities
        ]
    }


def _profile(customer: Customer) -> dict[str, Any]:
    db.session.refresh(customer, ["identities"])
    return _customer(customer) | {
        "mood": customer.mood,
        "consents": consents_of(customer.id),
        "facts": facts_of(customer.id),
        "tags": _tags(customer.id),
    }
