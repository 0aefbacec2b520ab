"""The referral chain as a nested tree for the picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .queries import ReferralValue


def tree_of(
    root: int, name: str, rows: Sequence[Sequence[Any]], values: Mapping[int, ReferralValue]
) -> dict[str, Any]:
    """Nested {name, value, more, url, children}; `rows` are (referee, referrer, name, state, level), level by level."""
    nodes = {root: _node(root, name, values.get(root))}
    for referee, referrer, referee_name, _state, _level in rows:
        node = nodes[referee] = _node(referee, referee_name, values.get(referee))
        if referrer in nodes:
            nodes[referrer]["children"].append(node)
    return nodes[root]


def _node(customer_id: int, name: str, value: ReferralValue | None) -> dict[str, Any]:
    yuan = round((value.chain_cents if value else 0.0) / 100, 2)
    return {
        "name": name,
        "value": yuan,
        "more": f"CRV ¥{yuan:,.2f}",
        "url": f"/desk/customers/{customer_id}/value",
        "children": [],
    }
