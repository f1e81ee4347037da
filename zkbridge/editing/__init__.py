"""Carries out calls on znodes over the bridge's session. Nothing is ever repeated by itself."""
