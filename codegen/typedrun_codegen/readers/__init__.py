"""Readers: API documents (OpenAPI 3.x, JSON Schema; YAML or JSON) become an `ApiSpec`.

documents   bytes → one JSON tree, or the reason why not
references  `$ref` → the schema it means, across files
lift        every schema that needs a name gets one place of its own; the rest stays where it is
dcg         the one module that touches datamodel-code-generator: lifted schemas → types, allOf flattened
operations  `paths` → operations
api         the four above in order
"""
