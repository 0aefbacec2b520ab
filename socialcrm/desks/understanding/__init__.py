"""Seeing what the engine understood: the "why" view of any text, corrections, the playground, the model's figures."""
