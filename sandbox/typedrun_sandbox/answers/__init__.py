"""What models answer: one module per kind of output, chosen by function."""
