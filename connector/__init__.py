"""Community Connector: check-in texts for residents, a queue of flags for connectors."""
