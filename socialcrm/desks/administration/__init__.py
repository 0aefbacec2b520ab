"""The administrator's screens: people, brand, security, consent texts, audit log, failed reactions."""
