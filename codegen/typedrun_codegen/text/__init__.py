"""The doors from backend text to Python text: names, literals, docstrings, annotations, layout."""
