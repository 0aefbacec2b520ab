"""The invented brand and the people who work for it."""

from socialcrm.commands.demo.world import Brand, Staff

BRAND = Brand(
    name="山屿咖啡",
    slogan="把一座山，慢慢喝完",
    about="我们在云南保山和几个产区直接收豆，自己烘焙，也开几家小店。这里是喝山屿的人聊天、提意见、找朋友的地方。",
    color="oklch(0.47 0.085 155)",
)

STAFF = (
    Staff("s-admin", "周屿", "admin@shanyu.example.com", "admin", "管理", "管理员"),
    Staff("s-manager", "林晓岚", "manager@shanyu.example.com", "manager", "社群", "社群运营"),
    Staff("s-lead", "何佳", "lead@shanyu.example.com", "lead", "客服", "客服组长"),
    Staff("s-delivery", "孙小米", "agent@shanyu.example.com", "agent", "配送", "客服（配送）"),
    Staff("s-service", "赵小满", "agent2@shanyu.example.com", "agent", "客服", "客服（会员与退换）"),
    Staff("s-quality", "梁小果", "agent3@shanyu.example.com", "agent", "品质", "客服（品质）"),
)
