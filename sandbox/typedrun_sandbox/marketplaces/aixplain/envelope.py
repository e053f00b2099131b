"""An answer in its wire form: an envelope with run time, credits, usage and asset."""

from __future__ import annotations

import hashlib
import json

from typedrun_sandbox.answers.answer import ABSENT, Answer
from typedrun_sandbox.jsontypes import JSONObject, as_object
from typedrun_sandbox.marketplaces.aixplain.runs import Run


def envelope(run: Run, answer: Answer) -> JSONObject:
    """The body of a finished run."""
    if answer.failure:
        return failed(run, answer)
    model = run.model
    body: JSONObject = {"status": "SUCCESS", "completed": True}
    if not answer.has_completed:
        del body["completed"]
    if answer.data != ABSENT:
        body["data"] = answer.data
    if answer.details is not None:
        body["details"] = answer.details
    body["runTime"] = run_time(answer)
    body["usedCredits"] = credits(run, answer)
    if answer.usage is not None:
        body["usage"] = answer.usage.show()
        body["model"] = model.path or model.name
    body["asset"] = {"assetId": model.id, "id": model.path or model.id}
    body["requestId"] = request_id(run)
    if as_object(run.body.get("options")).get("includeRawData") is True:
        body["rawData"] = answer.raw if answer.raw is not None else answer.data if answer.data != ABSENT else None
    return body


def failed(run: Run, answer: Answer) -> JSONObject:
    """A run that the supplier refused: HTTP 200, status FAILED."""
    return {
        "status": "FAILED",
        "completed": True,
        "error": "err.supplier_error",
        "errorMessage": None,
        "supplierError": answer.failure,
        "data": None,
        "requestId": request_id(run),
    }


def run_time(answer: Answer) -> float:
    """Seconds, from the length of the answer: the same answer always took the same time."""
    return round(0.05 + 0.01 * len(answer.stream_pieces), 3)


def credits(run: Run, answer: Answer) -> float:
    """Price times units: characters of the input, tokens in and out, or one request."""
    model = run.model
    if model.unit == "TOKEN" and answer.usage is not None:
        units = answer.usage.prompt + answer.usage.completion
    elif model.unit == "CHAR":
        units = len(run.text)
    else:
        units = 1
    return float(f"{model.price * units:.10g}")


def request_id(run: Run) -> str:
    """An id that depends on the request alone."""
    asked = json.dumps([run.model.id, dict(run.body)], sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
