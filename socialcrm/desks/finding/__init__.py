"""Finding things: the search page, the staff palette, and which areas' documents are searched."""
