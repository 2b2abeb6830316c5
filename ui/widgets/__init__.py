"""What screens are made of: each widget draws one thing from the theme and knows nothing of sessions."""
