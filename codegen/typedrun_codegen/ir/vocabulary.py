"""What generated code of one marketplace calls things."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Vocabulary:
    """Names that a marketplace has for itself, beside those of its models."""

    variable: str
    """What documentation calls a client."""
    marketplace: str = ""
    """How a client says whose it is; empty for the first marketplace: packages have long done without."""
    controls: str = "RunControls"
    """The class of its run controls."""
    controls_module: str = "typedrun.model"
    control_names: frozenset[str] = frozenset()
    """Every run control: no parameter has such a name."""
    protocol_arguments: tuple[str, ...] = ()
    """Further run controls of a protocol, spelt out: `**controls: Unpack[…]` would match no model for pyright."""


PLAIN = Vocabulary(variable="client")
"""That of nobody."""
