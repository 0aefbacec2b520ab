"""Channels: what carries conversations in and out. Web chat today; mail, SMS and WeChat keep the same tables.

Owns conversations and their messages, who may read them, and the customer's side of the web chat.
"""
