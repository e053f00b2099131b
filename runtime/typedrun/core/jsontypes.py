"""The name under which generated packages, those of 0.1 among them, import `JSON`."""

from typedrun.jsontypes import JSON as JSON
from typedrun.jsontypes import is_array as is_array
from typedrun.jsontypes import is_object as is_object
