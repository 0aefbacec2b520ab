"""Where staff teach the engine: corrections, versions, words and aspects of the brand, re-scoring of old texts."""
