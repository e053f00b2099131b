"""Readers: API documents (OpenAPI 3.x, JSON Schema; YAML or JSON) become an `ApiSpec`.

documents       bytes → one JSON tree, or the reason why not
references      `$ref` → the schema it means, across files
forms           the many spellings of one thing → one: null, constants, enumerations, formats
pieces          what `allOf` and `$ref` gather → one flat list
shapes          what a schema turned out to be, as values
narrow, labels  what several types allow together; a word for each member of a union
lift            schemas → types; every schema that needs a name gets one
discriminators  the tables from a property's value to a class
circles         unions that contain themselves, without the circle
notes, named    lifted schemas and what stands beside them → named types
operations      `paths` → operations
api             all of these in order
dcg, second     datamodel-code-generator reads the same schemas; where it differs is a problem
"""
