"""Normal forms of identity values, so that one person has one key. Pure."""

from __future__ import annotations

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from ..errors import Invalid


def normal_value(kind: str, value: str) -> str:
    """The normal form of an identity's value; raises Invalid with the field's name."""
    value = unicodedata.normalize("NFKC", value).strip()
    if kind == "email":
        return normal_email(value)
    if kind == "phone":
        return normal_phone(value)
    if not value or len(value) > 200:
        raise Invalid("identity_empty", field=kind)
    return value


def normal_email(value: str) -> str:
    """Lower-case, validated address; raises Invalid `email_invalid`."""
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise Invalid("email_invalid", field="email") from None


def normal_phone(value: str, region: str = "CN") -> str:
    """E.164 form (+8613800000000); raises Invalid `phone_invalid`."""
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise Invalid("phone_invalid", field="phone") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid("phone_invalid", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
