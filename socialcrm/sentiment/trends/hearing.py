"""What a text speaks of, worked out before the transaction opens: its products and its terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select

from ...database import db
from ...shop.models import Product
from .attribution import Mentions, products_of, words_of_name
from .models import GroupProduct, ProductWord
from .phrases import terms_of

#: More products than this are not listened for: the words of a text could be anything then.
MOST_PRODUCTS = 5_000


@dataclass(frozen=True, slots=True)
class Said:
    """A text of another area: what was said, under which title, in which group (0: none)."""

    opinion_id: int
    text: str
    title: str
    group_id: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What a text speaks of; nothing of either when it is not to be read any more."""

    opinion_id: int
    products: tuple[int, ...] = ()
    terms: frozenset[str] = frozenset()


def product_words() -> dict[int, tuple[str, ...]]:
    """Product id → the words it is heard by: those staff entered, else those of its name; two queries."""
    entered: dict[int, list[str]] = {}
    for row in db.session.execute(
        select(ProductWord.product_id, ProductWord.word).order_by(ProductWord.word)
    ):
        entered.setdefault(row.product_id, []).append(row.word)
    named = db.session.execute(select(Product.id, Product.name).order_by(Product.id).limit(MOST_PRODUCTS))
    return {row.id: tuple(entered.get(row.id, ())) or words_of_name(row.name) for row in named}


def products_of_groups() -> dict[int, int]:
    """Group id → the product a manager has said it is about."""
    return {row.group_id: row.product_id for row in db.session.execute(_about)}


_about = select(GroupProduct.group_id, GroupProduct.product_id)


def hear(ids: Iterable[int], said: Mapping[int, Said]) -> list[Heard]:
    """For each opinion id what its text speaks of; `said` lacks the texts that are gone. Three queries."""
    words = product_words().items()
    mentions = _mentions(tuple((word, product_id) for product_id, own in words for word in own))
    about = products_of_groups()
    return [_heard(number, said.get(number), mentions, about) for number in ids]


@lru_cache(maxsize=2)
def _mentions(words: tuple[tuple[str, int], ...]) -> Mentions:
    """The finder of these words; the same from batch to batch until somebody changes a word."""
    return Mentions(words)


def _heard(number: int, said: Said | None, mentions: Mentions, about: Mapping[int, int]) -> Heard:
    if said is None:
        return Heard(number)
    products = products_of(mentions, said.text, said.title, said.group_id, about)
    return Heard(number, products, terms_of(said.text))
