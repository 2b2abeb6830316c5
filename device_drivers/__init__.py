"""Drivers of the devices at a window. Imports nothing else of this product."""
