"""The whole page in a real Chromium, on a real demo: `make demo` as people get it.

One demo serves all these tests. The files run in the order of their names, from looking on to breaking things.
"""
