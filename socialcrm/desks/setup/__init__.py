"""The first-run wizard: administrator, brand, first group, colleagues. It can be run again."""
