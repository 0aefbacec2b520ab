"""What a monitoring system asks: does the process answer, do its engines answer, and is work behind."""
