"""What builds data files that the product ships; never part of it."""
