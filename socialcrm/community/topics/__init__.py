"""Topics and posts: a topic's first text and every reply are rows of `posts`."""
