"""Read models as pure folds: every row is the fold of exactly one stream."""
