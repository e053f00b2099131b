"""Which values of a call are files of this machine."""

import pytest

from typedrun.parameters import Parameter
from typedrun.transfers.attachments import local_files

BY_SCHEMA = Parameter("image", schema={"type": "string", "format": "uri"})
BY_WORD = Parameter("image", data_type="image", data_sub_type="image")


@pytest.mark.parametrize(
    ("parameter", "text", "local_paths", "is_file"),
    [
        (
            BY_SCHEMA,
            "cat.png",
            True,
            True,
        ),  # a schema asks for an address: what is none names a file, even one that is not there
        (BY_SCHEMA, "https://a.test/cat.png", True, False),
        (BY_SCHEMA, "cat.png", False, False),
        (BY_SCHEMA, "a cat on a mat", True, True),
        (BY_WORD, "a cat on a mat", True, False),  # a catalog's medium may be a text of any kind
        (BY_WORD, __file__, True, True),
        (BY_WORD, __file__, False, False),
    ],
)
def test_a_text_names_a_file_where_that_is_allowed(
    parameter: Parameter, text: str, local_paths: bool, is_file: bool
) -> None:
    assert local_files(parameter, text, local_paths=local_paths) == ([((), text)] if is_file else [])
