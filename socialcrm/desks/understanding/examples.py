"""Sentences to try in the playground, written for this project: one per thing the engine has to get right."""

EXAMPLES = (
    "等了三天还没发货，客服一直不理人，太失望了，包装倒是挺好看的。",
    "虽然有点贵，但是味道真的不错，会回购。",
    "不是不好喝，就是有点淡。",
    "要是能快一点就好了。",
    "呵呵，服务真是好啊[微笑]",
    "比上次买的差远了，性价比不高。",
    "這款手沖壺絕絕子，推薦👍",
    "请问什么时候发货？",
    "孩子喝了拉肚子，再不处理我就打12315！",
)
