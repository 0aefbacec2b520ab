"""Service: what asks for a person's attention and how it is settled.

Rooms: `alerts` (which texts raise one), `cases` (complaints being worked on), `sla` (the clock), `surveys` (how it
went, asked of the customer), `inbox` (the agent's side of conversations).
"""
