"""What the product says to people: refusals, facts and questions, each exhaustively, in plain words.

The core hands over values with data; nothing outside this package turns one into a sentence.
"""
