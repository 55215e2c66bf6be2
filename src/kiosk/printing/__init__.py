"""What a shop prints on paper: wall cards, badges and labels, as pages for any browser."""
