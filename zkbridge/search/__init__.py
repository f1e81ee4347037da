"""Search through the whole tree: what is asked for, one pass, and the topics that show it. Pure."""
