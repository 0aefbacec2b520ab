"""Who works on what: teams, agents' capacity, ready answers, hours and thresholds, edited by a lead or an administrator."""
