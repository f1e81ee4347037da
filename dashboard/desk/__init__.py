"""Pages that need no live picture: the audit log, and tokens. Made here, with forms; their script only helps."""
