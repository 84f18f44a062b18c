"""NUMBERS: columns in, columns out. Neither I/O nor clock."""
