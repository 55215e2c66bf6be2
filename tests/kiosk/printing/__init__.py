"""Labels and wall cards."""
