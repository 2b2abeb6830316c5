"""Data only: the rules of one region per TOML file, and reason catalogues as CSV. `domain.pack` turns them into documents."""
