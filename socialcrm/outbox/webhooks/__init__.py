"""Webhooks out: addresses of an administrator's choice are told what happened, signed, retried, each once by its key."""
