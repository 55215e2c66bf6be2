"""Pure rules of the production line: ids, events, commands, decisions and folds; no input, output or clock."""
