"""Requests in, answers out: routes, envelopes and signatures."""
