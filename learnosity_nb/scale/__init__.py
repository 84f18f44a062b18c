"""The same summary on a distributed engine: PySpark frames in, group rows out. Needs the extra ``scale``."""
