"""Finding topics, replies, groups and, for staff, customers and cases: one interface, two engines.

Documents are built by the areas that own the text and handed to `actions`; `queries.search` answers. The engines
(SQLite FTS5, Elasticsearch) only store and pre-select; tokens, order and highlights are ours and the same for both.
"""
