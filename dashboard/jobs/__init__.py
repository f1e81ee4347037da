"""Long works on subtrees: a row in the database, a task in this process, steps that the bridge carries out.

A work reads pages and has steps applied, each once. It is cancelled between steps. A step whose result is lost ends it
as 'unknown', after a look at what is there now.
"""
