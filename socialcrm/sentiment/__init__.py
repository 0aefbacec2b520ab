"""Sentiment: the engine (pure), opinions on posts and messages, training, evaluation, trends."""

import os

# The engine's products are small: a second BLAS thread would only wait for the first, on a busy machine for milliseconds.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
