"""What content of a media type is."""

import pytest

from typedrun.files.mediatypes import Content, content_of


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("", Content.JSON),
        ("image/png", Content.RAW),
        ("image/svg+xml", Content.MARKUP),
        ("application/pdf", Content.RAW),
        ("application/vnd.ms-excel", Content.RAW),
        ("font/*", Content.RAW),
        ("text/*", Content.TEXT),
        ("*/*", Content.RANGE),
        ("multipart/mixed", Content.PARTS),
        ("text/markdown", Content.TEXT),
        ("application/vnd.acme", Content.OTHER),
    ],
)
def test_content_is_raw_by_its_kind_or_by_its_subtype(media_type: str, content: Content) -> None:
    assert content_of(media_type) is content
