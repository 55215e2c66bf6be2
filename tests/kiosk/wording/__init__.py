"""The words of every refusal and fact."""
