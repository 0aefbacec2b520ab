"""What an administrator connects: programs that call us (API keys), and addresses that we call (webhooks)."""
