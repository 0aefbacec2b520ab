"""Channels: conversations and what carries them in and out."""
