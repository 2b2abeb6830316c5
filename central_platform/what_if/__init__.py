"""What a month's ratings would have come to under other regions' rules. Reads, and never writes."""
