"""The kiosk window: the only package that knows Qt."""
