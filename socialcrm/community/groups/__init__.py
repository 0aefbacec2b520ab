"""Groups: their kinds, covers, versioned rules, members and roles."""
