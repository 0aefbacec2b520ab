"""A forgotten password: a mailed link or a code by SMS sets a new one."""
