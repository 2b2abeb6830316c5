"""The central platform: takes in entries, projects ratings, hands out signed documents."""
