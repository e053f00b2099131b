"""Other faces of a model's parameters: JSON Schema, tools of language models, the command line."""
