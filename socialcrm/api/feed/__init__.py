"""What happened, for programs that follow."""
