"""Templates as Jinja compiled them, kept where Python keeps the byte code of modules: compiling them is a good part of a small generation.

Jinja finds by a template's source whether what is kept still belongs to it. What is damaged, or cannot be written, is compiled again.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Compiled(FileSystemBytecodeCache):
    """The compiled templates of one folder.

    Args:
        templates: the folder.
    """

    def __init__(self, templates: Path) -> None:
        kept = Path(cache_from_source(str(templates / "templates.py"))).parent
        super().__init__(str(kept), f"%s.jinja-{version('jinja2')}.cache")  # another Jinja may write other code

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, if it is sound and of the same source."""
        with suppress(Exception):  # whatever a damaged file raises where it is read
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, where Python would keep byte code, too."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)
