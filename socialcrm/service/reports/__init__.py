"""The case report: channel, content, time, analysis, solution, status, satisfaction; on screen and as CSV."""
