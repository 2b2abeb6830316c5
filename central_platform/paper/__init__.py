"""Paper where there is no line: forms with a number of their own, and their entry by staff. Never makes up a rating."""
