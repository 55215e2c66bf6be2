"""What can happen in a shop: right work, slips and mischief, each a function over the floor."""
