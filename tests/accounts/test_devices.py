"""A device and the network it came from, as its owner would call them."""

from __future__ import annotations

import pytest

from socialcrm.accounts.devices import device_name, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.114.77", "203.0.114.*"),
        ("2408:8207:1850:9::17", "2408:8207:1850:*"),
        ("127.0.0.1", "local"),
        ("192.168.1.20", "local"),
        ("::1", "local"),
        ("", ""),
        ("somewhere", ""),
    ],
)
def test_a_network_is_told_without_its_last_part(address: str, network: str) -> None:
    assert network_of(address) == network


def test_an_unknown_browser_has_no_name() -> None:
    assert device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) MicroMessenger/8.0") == "WeChat · iPhone"
    assert device_name("curl/8") == ""
