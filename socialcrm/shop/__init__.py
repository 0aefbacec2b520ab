"""Shop: products, orders, refunds, browsing; what the shop system tells us."""
