"""Service: alerts, cases, routing, SLA, surveys."""
