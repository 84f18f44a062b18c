"""Learner analytics: the courses of the data files, indexed, and the endpoints that read them."""
