"""我的事项: the customer's side of cases. Owns no tables: it writes through `cases` and `surveys`."""
