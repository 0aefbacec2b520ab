"""我的数据: consents with their history, who looked, a copy of everything, erasure."""
