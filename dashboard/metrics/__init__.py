"""/metrics: what Prometheus is told of Zooscope itself, and of what it sees."""
