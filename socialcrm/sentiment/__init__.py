"""Sentiment: the engine (pure), opinions on posts and messages, training, evaluation, trends."""
