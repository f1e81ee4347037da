"""Sessions of others: what ends with one, its end, and who watches what."""
