"""Community: groups, topics, replies, moderation, health."""
