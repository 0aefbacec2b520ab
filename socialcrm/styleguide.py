"""`/styleguide`: every part of the component library with its states. Registered in development and tests only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

bp = Blueprint("styleguide", __name__)

GROUPS = ["咖啡品鉴交流", "手冲爱好者", "意式咖啡机", "烘焙与产地", "周末探店"]


class Sample(FlaskForm):
    """One field of each kind."""

    name = StringField("昵称", description="别人会看到，可以随时改")
    email = StringField("邮箱")
    password = PasswordField("密码")
    about = TextAreaField("介绍自己")
    kind = SelectField("类型", choices=["产品兴趣群", "行业知识群"])
    group = SelectField("社群", choices=GROUPS)
    day = DateField("日期")
    how = RadioField("怎么通知你", choices=["每条都通知", "只在提到我时", "不通知"])
    agree = BooleanField("我读过社群规则")
    marketing = BooleanField("邮件")
    profiling = BooleanField("画像")


@bp.get("/styleguide")
def sheet() -> str:
    """The component sheet."""
    form = Sample(data={"name": "小满", "email": "xiaoman@", "group": "意式咖啡机", "how": "只在提到我时"})
    form.email.errors = ["这个邮箱少了 @ 后面的部分，例如 xiaoman@example.com"]
    return render_template("styleguide/sheet.html", form=form, **_figures())


@bp.get("/styleguide/customer")
def customer_page() -> str:
    """The customer's shell with a full page in it."""
    return render_template("styleguide/customer.html", **_figures())


@bp.get("/styleguide/staff")
def staff_page() -> str:
    """The staff shell with three panes in it."""
    return render_template("styleguide/staff.html", **_figures())


def _figures() -> dict[str, Any]:
    now = datetime.now(UTC)
    text = "等了三天还没发货，客服一直不理人，太失望了，包装倒是挺好看的。"
    return {
        "now": now,
        "minutes_ago": now - timedelta(minutes=3),
        "hours_ago": now - timedelta(hours=5),
        "yesterday": now - timedelta(days=1),
        "months_ago": now - timedelta(days=70),
        "complaint": text,
        "spans": [
            (0, 9, "negative"),
            (text.index("一直不理人"), text.index("一直不理人") + 5, "negative"),
            (text.index("失望"), text.index("失望") + 2, "negative"),
            (text.index("挺好看"), text.index("挺好看") + 3, "positive"),
        ],
        "days": ["11-16", "11-17", "11-18", "11-19", "11-20", "11-21", "11-22"],
    }
