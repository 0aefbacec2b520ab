"""Desks: screens that only put areas together. No tables, no rules of its own."""
