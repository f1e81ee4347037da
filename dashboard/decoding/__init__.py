"""What bytes of a znode say: decoders, their layers, and the processes that the costly ones run in.

A decoder is a noun of its own file, listed in `dashboard.decoding.builtin`. It is pure, and told a limit. What can be
made to expand, to nest or to run long, and all that is not ours, runs in a worker process that is killed in time.
"""
