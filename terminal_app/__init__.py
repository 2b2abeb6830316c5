"""What a rating is and how this terminal behaves."""

__version__ = "0.1.0"
