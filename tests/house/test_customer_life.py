"""Every table that names a customer or an account is in the list of a customer's life, and the list is true."""

from __future__ import annotations

from flask import Flask

from socialcrm.database import Base
from socialcrm.desks.customer_life import ACTED_FOR_THE_BRAND, LIFE

PEOPLE = {"customers.id", "accounts.id"}


def test_every_table_that_names_a_person_is_covered(app: Flask) -> None:
    named = {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.target_fullname in PEOPLE for column in table.columns for key in column.foreign_keys)
        or {"customer_id", "author_id"} & set(table.columns.keys())
    }
    covered = {chapter.table for chapter in LIFE}
    assert named - covered - ACTED_FOR_THE_BRAND == set()


def test_the_list_names_real_tables_and_columns(app: Flask) -> None:
    for chapter in LIFE:
        columns = set(Base.metadata.tables[chapter.table].columns.keys())
        named = {chapter.column, *chapter.left_out, *chapter.blanks}
        assert named <= columns, (chapter.table, named - columns)
        assert chapter.forget in ("delete", "keep", "blank") and bool(chapter.blanks) == (
            chapter.forget == "blank"
        )


def test_a_blanked_column_may_hold_its_blank(app: Flask) -> None:
    for chapter in LIFE:
        for name, value in chapter.blanks.items():
            assert value is not None or Base.metadata.tables[chapter.table].c[name].nullable, (
                chapter.table,
                name,
            )
