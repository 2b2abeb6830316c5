"""Business systems on the counter's own PC invite ratings and command the window; they never learn which star was tapped."""
