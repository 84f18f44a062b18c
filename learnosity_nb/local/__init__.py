"""THE SERVICE: the same APIs, in this process or on a port, as a WSGI application."""
