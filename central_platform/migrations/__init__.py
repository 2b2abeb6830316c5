"""Schema migrations of the platform, run by `central_platform.database`. A released one is never edited."""
