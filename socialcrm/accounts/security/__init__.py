"""A person's own safety: password, devices that are signed in, second factor."""
