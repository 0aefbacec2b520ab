"""Search: one interface, two engines (SQLite FTS5 and Elasticsearch)."""
