"""TABLES: data files and rosters are read, checked and written here."""
