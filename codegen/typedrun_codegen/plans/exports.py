"""What a generated package exports: of the runtime, read from it, and of itself."""

from __future__ import annotations

from typedrun import enums, errors

GENERATED_ENUMS = ("Function", "Language", "License", "Supplier")

FIXED_ENUMS = tuple(
    sorted(
        name
        for name, each in ((name, getattr(enums, name)) for name in dir(enums))
        if isinstance(each, type)
        and issubclass(each, enums.OpenStrEnum)
        and name not in {"OpenStrEnum", *GENERATED_ENUMS}
    )
)
"""Enumerations of the protocol, which the runtime defines and the package exports."""

FINDERS = ("find_function_by_id", "find_supplier_by_id")

RESULTS = ("Detail", "Message", "ModelResult", "StreamChunk", "Usage")
ERRORS = tuple(
    sorted(
        name
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, Exception) and each.__module__ == errors.__name__
    )
)


def front_door(package: str, client: str, *, has_asyncio: bool) -> dict[str, str]:
    """Name that a package exports → module that defines it.

    Args:
        package: its import name.
        client: class of its client.
        has_asyncio: whether it has the asyncio client, too.
    """
    return {
        client: f"{package}.client",
        **({f"Async{client}": f"{package}.aio.client"} if has_asyncio else {}),
        "Job": "typedrun.job",
        "LLM": "typedrun.llm",
        "Model": "typedrun.model",
        "ModelResponse": "typedrun.llm",
        "ModelResponseStreamer": "typedrun.streaming",
        **dict.fromkeys(RESULTS, "typedrun.results"),
        **dict.fromkeys(("Attribute", "Parameter", "Pricing", "VendorInfo", "Version"), "typedrun.parameters"),
        **dict.fromkeys(ERRORS, "typedrun.errors"),
        **dict.fromkeys(FIXED_ENUMS, "typedrun.enums"),
        **dict.fromkeys((*GENERATED_ENUMS, *FINDERS), f"{package}.enums"),
        **dict.fromkeys(("InputsProxy", "TypedInputs"), "typedrun.inputs"),
        **dict.fromkeys(
            ("AnyModel", "ModelRunParams", "RunControls", "StaleModelWarning", "ToolDict"), "typedrun.model"
        ),
        **dict.fromkeys(("ModelSearchParams", "Page"), "typedrun.search"),
    }
