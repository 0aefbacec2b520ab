"""A small brand's worth of documents and the 50 queries that both engines must answer alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from socialcrm.search.documents import PUBLIC, STAFF, Document, for_group

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
COFFEE, LIFE, CLOSED = 1, 2, 3

GROUPS = (
    ("咖啡品鉴交流", "每周一起盲品三款豆子,分享手冲参数。"),
    ("生活服务互助", "快递、维修、租房,邻里互相帮忙。"),
    ("铂金会员沙龙", "只对铂金会员开放的线下品鉴。"),
)
TITLES = (
    "发货太慢了,等了三天还没动静",
    "意式咖啡机推荐,预算三千左右",
    "手冲壶漏水怎么办",
    "V60 和 Kalita 哪个更适合新手",
    "售后服务真的太好了",
    "耶加雪菲水洗豆的风味描述",
    "磨豆机刻度和粉水比的关系",
    "包装破损,豆子撒了一半",
    "冷萃咖啡浓缩液放多久会坏",
    "拿铁拉花练习第十天",
    "Espresso 萃取时间太短",
    "會員積分怎麼兌換咖啡券",
    "重庆线下品鉴会报名",
    "退款一直没有到账",
    "曼特宁深烘适合做奶咖吗",
    "全自动咖啡机清洗教程",
    "物流信息三天没有更新",
    "挂耳咖啡出差党必备",
    "价格又涨了,性价比不如以前",
    "客服回复很及时,点赞",
)
BODIES = (
    "下单三天还没发货,客服一直不理人,太失望了,包装倒是挺好看的。",
    "想买一台家用的意式咖啡机,主要做拿铁和卡布奇诺,大家有什么推荐?",
    "用了半年的手冲壶,壶嘴下面开始漏水,拧紧也没用。",
    "入门想学手冲,V60 流速快,Kalita 容错高,水温 92℃,粉水比 1:15。",
    "换货当天就寄出,售后服务没话说,下次还来。",
    "柑橘、茉莉花、蜂蜜的香气,酸质明亮,余韵很干净。",
    "磨豆机调到 24 格,15 g 粉 225 g 水,两分十秒流完。",
    "快递盒子压扁了,咖啡豆撒得到处都是,希望商家改进包装。",
    "冷萃液在冰箱里放了一周还能喝吗?闻起来有点酸。",
    "打奶泡总是太粗,拉花图案糊成一团,求指点。",
    "双份 espresso 18 秒就流完了,喝起来很酸,是不是磨得太粗?",
    "積分有 1200 分,想換一張拿鐵券,在哪裡操作?",
    "周末在解放碑店举办品鉴会,名额二十个,先到先得。",
    "申请退款十天了,钱还没退回来,打电话也没人接。",
    "深烘的曼特宁苦味重,加奶以后像巧克力。",
    "每周做一次除垢,冲煮头用刷子清洗,牛奶管路每天清洁。",
    "配送显示已到达网点,之后物流信息就再也没更新过。",
    "出差带几包挂耳,酒店烧点开水就能喝,方便。",
    "同样的豆子比上个月贵了八块,价格涨得太快。",
    "晚上十点问的问题,五分钟就回复了,客服小姐姐很耐心。",
)
CUSTOMERS = (
    ("李娜", "13800138000 lina@example.com 上海"),
    ("王强", "13900139123 wangqiang@example.com 北京"),
    ("陈静", "15011112222 重庆"),
)
CASES = (
    ("发货延迟投诉", "客户等了三天还没发货,要求退款。"),
    ("咖啡机漏水", "全自动咖啡机底部漏水,已寄回检测。"),
)
QUERIES = tuple(
    """发货慢 发货太慢 咖啡机 咖啡機 kafeiji kfj ＫＡＦＥＩＪＩ kafe 手冲壶 手冲壶漏水怎么办 漏水 售后 售后服务 v60 V６０ espresso espre
    物流 物流信息 退款 退款没到账 包装破损 包装 磨豆机 mdj modouji 拉花 冷萃 积分兑换 積分 重庆 chongqing 品鉴 品鉴会 拿铁 natie
    价格 性价比 客服 客服不理人 kefu 曼特宁 豆子 咖啡豆 92 粉水比 好喝的拿铁 咖啡 发货延迟投诉客服 挂耳""".split()
)


def documents() -> list[Document]:
    """Groups, 80 topics with different neighbours, 160 replies, customers and cases; the same on every call."""
    made: list[Document] = []
    hours = count()

    def moment() -> datetime:
        return START + timedelta(hours=next(hours))

    for number, (title, body) in enumerate(GROUPS, start=1):
        made.append(Document("group", number, title, body, f"/groups/{number}", PUBLIC, moment(), number))
    for number in range(80):
        group = (COFFEE, LIFE, CLOSED)[number % 3]
        title, body = TITLES[number % 20], BODIES[(number * 7 + number // 20) % 20]
        url = f"/topics/{number + 1}"
        made.append(Document("topic", number + 1, title, body, url, for_group(group), moment(), group))
    for number in range(160):
        group = (COFFEE, LIFE, CLOSED)[number % 3]
        body = BODIES[number * 3 % 20] + BODIES[(number * 11 + 5) % 20]
        title, url = TITLES[number % 20], f"/topics/{number % 80 + 1}#reply-{number + 1}"
        made.append(Document("reply", number + 1, title, body, url, for_group(group), moment(), group))
    for number, (title, body) in enumerate(CUSTOMERS, start=1):
        made.append(Document("customer", number, title, body, f"/desk/customers/{number}", STAFF, moment()))
    for number, (title, body) in enumerate(CASES, start=1):
        made.append(Document("case", number, title, body, f"/desk/cases/{number}", STAFF, moment()))
    return made
