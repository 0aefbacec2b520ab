"""Customers: who the brand knows, by which identities, with which consents, tags, mood and timeline.

The lowest area: it imports no other. What higher areas must let others know of a customer (value, invited
friends, tier) is a row in `customer_facts`, filled by flow.py.
"""
