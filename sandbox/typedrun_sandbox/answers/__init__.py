"""What models answer: one module per kind of output, chosen by function. `answer.py` says what is asked of a marketplace's models."""
