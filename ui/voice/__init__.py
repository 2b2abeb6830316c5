"""What the window says aloud. Loaded after the first frame, and only where a terminal has a voice."""
