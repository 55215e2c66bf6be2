"""What the screens and the command line ask: one module for each read model, its query and its answers."""
