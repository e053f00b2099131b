"""The two samples as fields: name → type. Each peer makes its classes of them."""

from typing import Any

MESSAGE = {"role": str, "content": str}
DETAIL = {"index": int, "message": "Message", "finish_reason": str}
USAGE = {"prompt_tokens": int, "completion_tokens": int, "total_tokens": int}
RESULT = {
    "status": str,
    "completed": bool,
    "data": str,
    "details": "list[Detail]",
    "runTime": float,
    "usedCredits": float,
    "usage": "Usage",
}
OPTION = {"value": Any, "label": str}
PARAMETER = {
    "name": str,
    "required": bool,
    "isFixed": bool,
    "multipleValues": bool,
    "dataType": str,
    "dataSubType": str,
    "values": list,
    "defaultValues": "list[Option]",
    "availableOptions": "list[Option]",
    "description": str,
}
FUNCTION = {"id": str, "name": str}
VENDOR = {"id": int, "name": str, "code": str}
PRICING = {"price": float, "unitType": str, "unitTypeScale": "str | None"}
MODEL = {
    "id": str,
    "name": str,
    "description": str,
    "path": str,
    "function": "Function",
    "vendor": "Vendor",
    "host": str,
    "pricing": "Pricing",
    "connectionType": "list[str]",
    "supportsStreaming": bool,
    "createdAt": str,
    "updatedAt": str,
    "params": "list[Parameter]",
}
PAGE = {"results": "list[Model]", "total": int, "pageTotal": int, "pageNumber": int}
CLASSES: dict[str, dict[str, Any]] = {
    "Message": MESSAGE,
    "Detail": DETAIL,
    "Usage": USAGE,
    "Result": RESULT,
    "Option": OPTION,
    "Parameter": PARAMETER,
    "Function": FUNCTION,
    "Vendor": VENDOR,
    "Pricing": PRICING,
    "Model": MODEL,
    "Page": PAGE,
}
ROOTS = {"result": "Result", "page": "Page"}


def annotations(name: str, made: dict[str, Any]) -> dict[str, Any]:
    """The annotations of a class, with the classes made so far in place of their names."""
    return {
        field: eval(kind, dict(made)) if isinstance(kind, str) else kind  # the texts above
        for field, kind in CLASSES[name].items()
    }
