"""The language of the shop as types: values, states, commands, events, rejections."""
