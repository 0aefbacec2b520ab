"""The clock: when an answer is due, in the brand's working hours, and why then."""
