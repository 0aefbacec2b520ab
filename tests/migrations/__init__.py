"""Migrations: the tables they make, and what becomes of data that was there before."""
