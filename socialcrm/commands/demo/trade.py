"""What the brand sells, and three months of orders."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from socialcrm.commands.demo.rhythm import spread, waking_hour
from socialcrm.commands.demo.world import Customer, Order, OrderLine, Product, Refund

PRODUCTS = (
    Product("p-wuqi", "雾起 · 耶加雪菲水洗 200 克", "豆", 6800, "浅烘。柠檬、佛手柑、红茶；像剥开的柚子皮。"),
    Product("p-wanshan", "晚山 · 云南保山日晒 200 克", "豆", 5800, "中浅烘。荔枝、红糖、桂圆水。"),
    Product("p-songzhi", "松脂 · 曼特宁 200 克", "豆", 5600, "中深烘。黑巧克力、草药、奶油一样的厚。"),
    Product("p-matou", "码头 · 意式拼配 454 克", "豆", 8800, "深烘。坚果、黑糖，加奶正好。"),
    Product("p-xiaoman", "小满 · 哥伦比亚粉波旁厌氧 100 克", "豆", 6800, "浅烘。草莓、汽水糖；适合冰手冲。"),
    Product("p-qiri", "七日挂耳礼盒 7 包", "便捷", 4900, "一周七天，每天一座山。"),
    Product("p-zaoba", "早八浓缩液 14 支", "便捷", 5900, "撕开，倒进牛奶，出门。"),
    Product("p-haian", "海岸线冷萃液 6 瓶", "便捷", 7200, "冰水一比三，夏天的样子。"),
    Product("p-meiyue", "每月一山订阅 一期两包", "订阅", 6800, "每个月一个产区，附一张讲那座山的卡片。"),
    Product("p-yunduo", "云朵滤杯", "器具", 9800, "弯槽平底，手不稳它也兜着。"),
    Product("p-k1", "手摇磨 K1", "器具", 32800, "四十秒十五克，格数清楚。"),
    Product("p-hu", "细口壶 600 毫升", "器具", 15900, "慢的时候能一滴一滴落。"),
    Product("p-bei", "随行杯 400 毫升", "器具", 12900, "听到「咔」一声才算盖好。"),
)
PRICE = {product.key: product.price_cents for product in PRODUCTS}
BY_WEIGHT = (17, 16, 12, 14, 7, 13, 12, 6, 9, 4, 2, 3, 4)
BEANS = ("p-wuqi", "p-wanshan", "p-songzhi", "p-matou", "p-xiaoman")
CHANNELS = {"小程序": 58, "门店": 24, "天猫": 12, "京东": 6}
REASONS = ("收到时已破损", "味道不合适", "迟迟没有收到", "买重了", "豆子有陈味", "礼盒外盒压坏")
BUYERS = 0.8  # the rest talk and read but have not bought yet


def make_orders(rng: random.Random, now: datetime, customers: tuple[Customer, ...]) -> tuple[Order, ...]:
    """About 1,300 orders of the last 90 days, each after its customer was known; some paid back."""
    buyers = [customer for customer in customers if rng.random() < BUYERS]
    weights = [rng.lognormvariate(0, 0.8) for _ in buyers]
    orders = [
        _order(rng, now, at, buyers, weights)
        for at in spread(rng, now - timedelta(minutes=5), 1300, growth=1.6)
    ]
    orders += [
        _first_order(rng, now, customer)
        for customer in buyers
        if customer.joined_at > now - timedelta(days=80)
    ]
    placed = sorted((order for order in orders if order is not None), key=lambda order: order.at)
    return tuple(
        replace(order, number=f"SY{order.at:%Y%m%d}{place:05d}") for place, order in enumerate(placed, 1)
    )


def _order(
    rng: random.Random, now: datetime, at: datetime, buyers: list[Customer], weights: list[float]
) -> Order | None:
    customer = rng.choices(buyers, weights)[0]
    return _bought(rng, now, customer, at) if customer.joined_at < at else None


def _first_order(rng: random.Random, now: datetime, customer: Customer) -> Order | None:
    """Newcomers who buy at all mostly buy in their first days."""
    at = waking_hour(rng, customer.joined_at + timedelta(days=rng.expovariate(1 / 6)))
    return _bought(rng, now, customer, at) if customer.joined_at < at < now and rng.random() < 0.7 else None


def _bought(rng: random.Random, now: datetime, customer: Customer, at: datetime) -> Order:
    keys = list(dict.fromkeys(rng.choices(list(PRICE), BY_WEIGHT, k=rng.choices((1, 2, 3), (62, 29, 9))[0])))
    lines = tuple(
        OrderLine(key, rng.choices((1, 2, 3), (80, 16, 4))[0] if key in BEANS else 1, PRICE[key])
        for key in keys
    )
    channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    order = Order("", customer.key, at, lines, channel, None)
    return replace(order, refund=_refund(rng, now, order)) if rng.random() < 0.045 else order


def _refund(rng: random.Random, now: datetime, order: Order) -> Refund | None:
    """The whole order or its first line, some days later; none when that day has not come."""
    at = waking_hour(rng, order.at + timedelta(days=rng.randint(2, 9)))
    if at > now:
        return None
    first = order.lines[0]
    amount = order.total_cents if rng.random() < 0.6 else first.quantity * first.unit_cents
    return Refund(at, amount, rng.choice(REASONS))
