"""The first model by id or path costs the same in a small catalog and in a large one; counted, because time is the machine's business."""

from __future__ import annotations

import json

from tests.codegen.conftest import Workshop

PROBE = """
import json, os, sys
import made
aix = made.Aixplain(api_key="k")
calls = 0
def count(frame, event, argument):
    global calls
    calls += event == "call"
before = set(sys.modules)
sys.setprofile(count)
found = aix.models[{key!r}]
sys.setprofile(None)
ours = [sys.modules[name] for name in set(sys.modules) - before if name.startswith("made.")]
sizes = {{module.__name__: os.path.getsize(module.__file__) for module in ours}}
print(json.dumps([found.id, calls, sizes]))
"""


def catalog(workshop: Workshop, count: int) -> list[dict[str, object]]:
    """So many models, a supplier for every ten of them."""
    return [
        workshop.model(
            name=f"Echo {number}",
            id=f"{number:024x}",
            path=f"acme/echo-{number}",
            vendor={"id": number // 10, "name": f"Acme {number // 10}", "code": f"acme-{number // 10}"},
            params=[workshop.param("text", required=True)],
        )
        for number in range(count)
    ]


def test_the_first_look_up_calls_and_reads_no_more_in_a_large_catalog(workshop: Workshop) -> None:
    keys = (f"{7:024x}", "acme/echo-7")
    counted: dict[tuple[str, int], tuple[int, int]] = {}
    for count in (40, 1_200):
        workshop.generate(catalog(workshop, count))
        workshop.python(PROBE.format(key=keys[0]))  # the first writes bytecode
        workshop.python(PROBE.format(key=keys[1]))
        for key in keys:
            found, calls, sizes = json.loads(workshop.python(PROBE.format(key=key)))
            assert found == keys[0]
            assert "made._supplier" not in sizes, "the names of all suppliers were read to find one model"
            del sizes["made.catalog"]  # the one module that names all suppliers
            counted[key, count] = (calls, sum(sizes.values()))
    for key in keys:
        (few_calls, few_bytes), (many_calls, many_bytes) = counted[key, 40], counted[key, 1_200]
        assert many_calls <= few_calls * 1.3, key
        assert many_bytes <= few_bytes + 60_000, (
            key
        )  # an average part of the index, or two, and not all 120,000 bytes of it


def test_a_catalog_in_parts_answers_like_one_in_a_whole(workshop: Workshop) -> None:
    models = catalog(workshop, 600)
    workshop.generate(models)
    answer = workshop.python(
        "import json, made\n"
        "models = made.Aixplain(api_key='k').models\n"
        "registry = models.registry\n"
        "print(json.dumps([len(models), list(registry.models), registry.paths, len(registry.with_function('text-generation')),\n"
        "    registry.functions == {'text-generation': registry.with_function('text-generation')}, [m.id for m in models][-1],\n"
        "    '00' in models, 'acme/echo-599' in models, registry.suggest('acme/echo-59')[0]]))"
    )
    ids = [model["id"] for model in models]
    paths = {model["path"]: model["id"] for model in models}
    assert json.loads(answer) == [600, ids, paths, 600, True, ids[-1], False, True, "acme/echo-59"]


def test_enumerations_are_where_they_were(workshop: Workshop) -> None:
    """0.1 defined all of them in `enums`: its users' imports and pickles hold."""
    workshop.generate(catalog(workshop, 20))
    answer = workshop.python(
        "import made, pickle\n"
        "from made import enums\n"
        "from made.enums import *\n"
        "from made.enums import SUPPLIER_IDS, Function, Language, License, Supplier, find_function_by_id, find_supplier_by_id\n"
        "assert made.Supplier is enums.Supplier is Supplier and set(enums.__all__) <= set(dir(enums))\n"
        "assert pickle.loads(b'cmade.enums\\nSupplier\\n(Vacme-1\\ntR.') is Supplier.ACME_1\n"
        "assert pickle.loads(pickle.dumps(Supplier.ACME_0)) is Supplier.ACME_0\n"
        "print(find_supplier_by_id('acme_1').name, find_function_by_id('text-generation').name, [*Language], SUPPLIER_IDS)\n"
        "try: enums.Suplier\n"
        "except AttributeError as error: print(error)"
    )
    assert answer.splitlines() == [
        "ACME_1 TEXT_GENERATION [] {}",
        "made.enums has no name 'Suplier'; did you mean Supplier?",
    ]
