"""The lock of names: what was published keeps its name for ever; the manifest of a package carries it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Names:
    """Names that were published: each maps what the thing is to what it is called."""

    suppliers: Mapping[str, str] = field(factory=dict[str, str])
    """Supplier code → module."""
    models: Mapping[str, str] = field(factory=dict[str, str])
    """Model id → `supplier.module.Class`."""
    parameters: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])
    """Model id → wire name → Python name, where they differ."""
    options: Mapping[str, str] = field(factory=dict[str, str])
    """Hash of an option set → alias in options.py."""
    members: Mapping[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]])
    """Enumeration → wire value → member."""
    protocols: Mapping[str, str] = field(factory=dict[str, str])
    """Function id → protocol in functions.py."""
    schemas: Mapping[str, str] = field(factory=dict[str, str])
    """Schema pointer → class in api/."""


NAME_TABLES = ("suppliers", "models", "parameters", "options", "members", "protocols", "schemas")
