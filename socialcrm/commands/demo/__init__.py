"""The demo brand 「山屿咖啡」: an invented world of customers, talk, orders and service, without a database.

`build_world(now)` gives the whole of it as frozen dataclasses; the same moment and seed give the same world.
"""
