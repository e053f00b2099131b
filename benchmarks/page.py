"""The tables of docs/performance.md, from benchmarks/results.md: `{row}` is its ratio, `{=row}` its median, `{>row}` its target.

A row that ends in `*` is the first that begins so: some names hold a figure. The page has no other figures of measurements: what
is measured again would otherwise contradict what is told of it.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS, PAGE = HERE / "results.md", HERE.parent / "docs" / "performance.md"
BEGIN, END = "<!-- from benchmarks/results.md by benchmarks/page.py: {} -->", "<!-- end of {} -->"

RESULT = " (result of 420 bytes)"
MODELS = " (page of 100 models × 12 parameters, 418 KB)"
GLANCE = (
    (
        "import of the package",
        (
            "{import aixplain_models} × `import urllib3` (openai {import openai}, aixplain {import aixplain}, "
            "replicate {import replicate}, anthropic {import anthropic})"
        ),
        "{>import aixplain_models}",
    ),
    ("… and a client and its first model", "{import, client, first model} ×", "{>import, client, first model}"),
    (
        "one typed run, processor time",
        "{typedrun} × urllib3 `request` + `json.loads` (httpx {httpx}, requests {requests}, openai {openai}, aixplain {aixplain})",
        "{>typedrun}",
    ),
    (
        "16 threads, calls a second",
        "{typedrun (16 threads)} × urllib3 (urllib3 with a timeout: {urllib3-timeout (16 threads)})",
        "{>typedrun (16 threads)}",
    ),
    (
        "decoding a run's answer",
        (
            f"{{typedrun{RESULT}}} × `json.loads` (pydantic {{pydantic{RESULT}}}, plain cattrs {{cattrs, plain{RESULT}}}, "
            f"dataclasses-json {{dataclasses-json{RESULT}}})"
        ),
        f"{{>typedrun{RESULT}}}",
    ),
    (
        "decoding a page of 100 models",
        (
            f"{{typedrun{MODELS}}} × `json.loads` (pydantic {{pydantic{MODELS}}}, plain cattrs {{cattrs, plain{MODELS}}}, "
            f"dataclasses-json {{dataclasses-json{MODELS}}})"
        ),
        f"{{>typedrun{MODELS}}}",
    ),
    ("… the answer, with orjson", f"{{typedrun with orjson{RESULT}}} ×", f"{{>typedrun with orjson{RESULT}}}"),
    ("… the page, with orjson", f"{{typedrun with orjson{MODELS}}} ×", f"{{>typedrun with orjson{MODELS}}}"),
    (
        "generation of 10,000 models",
        (
            "{=… by the clock} (datamodel-code-generator {=datamodel-code-generator (1,000*}, "
            "openapi-python-client {=openapi-python-client (1,000*})"
        ),
        "{>… by the clock}",
    ),
    ("… memory of all processes", "{=memory at most, all processes}", "{>memory at most, all processes} MiB"),
    ("… with nothing changed", "{unchanged second run} × the first run", "{>unchanged second run}"),
    ("… with one model changed", "{one model changed*} × the first run", "{>one model changed*}"),
    ("`typedrun check` of them", "{=typedrun check, again*}", "{>typedrun check, again*}"),
    ("… against 1,000 models", "{10,000 against 1,000 models} ×", "{>10,000 against 1,000 models}"),
    ("process after streaming 1 GiB", "{=process after streaming 1024 MiB}", "flat"),
    (
        "an idle client",
        "{=one idle client (of 200, each with a connection)}",
        "{>one idle client (of 200, each with a connection)}",
    ),
)

GROWTH = (
    ("generate", "generate"),
    ("generate: memory of the largest process", "… memory"),
    ("generate: nothing changed", "… unchanged"),
    ("check", "check"),
    ("import", "import"),
    ("import, client, first model", "import, client, first model"),
    ("pyright, direct imports", "pyright, direct imports"),
    ("pyright, tree", "pyright, tree"),
    ("mypy cold, direct imports", "mypy cold, direct imports"),
    ("mypy cold, suppliers' trees", "mypy cold, suppliers' trees"),
    ("mypy cold, tree", "mypy cold, tree"),
    ("mypy warm, tree", "mypy warm, tree"),
    ("completion of a model", "completion of a model"),
    ("completion of `aix.models.`", "completion of `aix.models.`"),
    ("language server", "language server"),
    ("language server: `import os` alone", "… with `import os` alone"),
)
"""Label of a line → the rows of `bench_scale.py`, one for each size of catalog."""
SIZES = ("40 models", "350 models", "1,400 models", "10,000 models")


def read_rows(results: str) -> dict[str, tuple[str, str, str]]:
    """Row → median, ratio, target; a note behind its name in brackets stays part of it."""
    cells = (line.strip("|").split("|") for line in results.splitlines() if line.startswith("| "))
    return {name.strip(): (median.strip(), ratio.strip(), target.strip()) for name, median, ratio, target in cells}


def glance(rows: dict[str, tuple[str, str, str]]) -> str:
    """The table at the top of the page."""

    def value(found: re.Match[str]) -> str:
        name = found[2]
        key = next(row for row in rows if row.startswith(name[:-1])) if name.endswith("*") else name
        median, ratio, target = rows[key]
        return {"": ratio, "=": median, ">": target}[found[1]]

    lines = ["| what | measured | target |", "|---|---|---|"]
    lines += ["| " + " | ".join(re.sub(r"\{([=>]?)([^}]+)\}", value, cell) for cell in row) + " |" for row in GLANCE]
    streams = [name for name in rows if name.startswith("typedrun (") and "× openai" in name]
    lines += [f"| stream: {name[10:-1].replace(';', ',')} | {rows[name][0]} | {rows[name][2]} |" for name in streams]
    return "\n".join(lines)


def growth(rows: dict[str, tuple[str, str, str]]) -> str:
    """The table by sizes of the catalog."""
    lines = [f"| | {' | '.join(SIZES)} |", f"|---|{'---:|' * len(SIZES)}"]
    for label, row in GROWTH:
        lines.append(f"| {label} | {' | '.join(rows[f'{row}, {size}'][0] for size in SIZES)} |")
    return "\n".join(lines)


def with_tables(page: str, results: str) -> str:
    """The page with its tables as the results give them."""
    rows = read_rows(results)
    for name, table in {"glance": glance(rows), "growth": growth(rows)}.items():
        begin, end = BEGIN.format(name), END.format(name)
        head, _, rest = page.partition(begin)
        _, _, tail = rest.partition(end)
        page = f"{head}{begin}\n\n{table}\n\n{end}{tail}"
    return page


def without_tables(page: str) -> str:
    """The page's own words."""
    for name in ("glance", "growth"):
        head, _, rest = page.partition(BEGIN.format(name))
        page = head + rest.partition(END.format(name))[2]
    return page


def write_page() -> None:
    """Bring the page in step with the results."""
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), RESULTS.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    write_page()
