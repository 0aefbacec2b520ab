"""Referrals: codes, chains, attribution, CRV inputs."""
