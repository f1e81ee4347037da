"""The lab: ZooKeeper servers and nodes that Zooscope itself starts, and the supervisor over them."""
