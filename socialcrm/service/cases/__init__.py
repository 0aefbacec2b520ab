"""Cases: complaints being worked on, with their thread, team, agent, clocks and outcome."""
