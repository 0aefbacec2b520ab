"""The administrator's screens of webhooks: addresses, their calls, sending again."""
