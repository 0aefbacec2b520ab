"""Where an administrator gives the engine the brand's own words and aspects, and sees first what they would change."""
