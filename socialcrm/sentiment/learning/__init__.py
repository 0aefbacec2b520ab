"""What one brand adds to the frozen engine: words and aspects of its own, and a layer that staff corrections teach."""
