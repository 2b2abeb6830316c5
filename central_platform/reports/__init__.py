"""The monthly report of a region: one query, and the same figures on the screen, as xlsx and as PDF. Changes nothing."""
