"""The SQLite data folder of one terminal."""
