"""The inbox: an agent's side of the conversations of every channel."""
