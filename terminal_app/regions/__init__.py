"""The regions' rules as data: one TOML per region, reason lists as CSV, the working-day table, and what reads them.

For the platform and for commands. The window never imports anything of this: it takes the platform's signed documents.
"""
