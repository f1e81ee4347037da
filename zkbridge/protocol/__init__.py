"""The one vocabulary of bridge, hub and page: frames, calls and the values of topics.

This is all of zkbridge that the web process may import.
"""
