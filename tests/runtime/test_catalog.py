"""Navigation of a generated package: by attribute, id, path and function; misses say what was meant; nothing is loaded early."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from aixplain_models import Aixplain, Function
from aixplain_models.models import openai
from aixplain_models.models.openai import Gpt54
from tests.narrowing import attribute
from typedrun.catalog import UnknownModelError

GPT = "69b7e5f1b2fe44704ab0e7d0"


@pytest.fixture(scope="module")
def aix() -> Aixplain:
    return Aixplain(api_key="key")


def test_a_model_is_one_object_however_it_is_reached(aix: Aixplain) -> None:
    gpt = aix.models.openai.gpt_5_4
    assert type(gpt) is Gpt54
    assert aix.models[GPT] is aix.models["openai/gpt-5.4/openai"] is aix.models["openai/gpt-5.4"] is gpt
    assert aix.models.openai.gpt_5_4 is gpt
    assert gpt in aix.models.by_function(Function.TEXT_GENERATION)


def test_the_catalog_counts_contains_and_iterates(aix: Aixplain) -> None:
    models = list(aix.models)
    assert len(models) == len(aix.models) == len({model.id for model in models})
    assert all(model.id in aix.models for model in models)
    assert "openai/gpt-5.4/openai" in aix.models
    assert "openai/gpt-9" not in aix.models
    assert len(list(aix.models.openai)) == len(aix.models.openai)


def test_consoles_can_complete(aix: Aixplain) -> None:
    assert {"openai", "google", "by_function"} <= set(dir(aix.models))
    assert "gpt_5_4" in dir(aix.models.openai)
    assert {"Gpt54", "OpenaiModels"} <= set(dir(openai))


def test_every_exported_name_is_there() -> None:
    import aixplain_models

    assert all(hasattr(aixplain_models, name) for name in aixplain_models.__all__)
    assert all(hasattr(openai, name) for name in openai.__all__)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "openai/gpt-5.4/opena",
            "aixplain_models has no model 'openai/gpt-5.4/opena'. Did you mean 'openai/gpt-5.4/openai'",
        ),
        ("5.4", "aixplain_models has no model '5.4'. Did you mean 'openai/gpt-5.4'"),
        ("zzz", "aixplain_models has no model 'zzz'. Models are called by id or path, such as '"),
        (None, "aixplain_models has no model None. Models are called by id or path, such as '"),
    ],
)
def test_a_miss_by_id_says_what_was_meant(aix: Aixplain, wanted: Any, message: str) -> None:
    with pytest.raises(KeyError) as caught:
        aix.models[wanted]
    assert isinstance(caught.value, UnknownModelError)
    assert str(caught.value).startswith(message)


def test_a_miss_by_attribute_says_what_was_meant(aix: Aixplain) -> None:
    with pytest.raises(AttributeError, match="Models has no supplier 'opnai'; did you mean openai"):
        attribute(aix.models, "opnai")
    with pytest.raises(AttributeError, match="OpenaiModels has no model 'gpt_5_5'; did you mean"):
        attribute(aix.models.openai, "gpt_5_5")
    with pytest.raises(ImportError, match="Gpt55"):
        exec("from aixplain_models.models.openai import Gpt55")


def test_an_unknown_function_is_an_error_that_names_near_ones(aix: Aixplain) -> None:
    with pytest.raises(UnknownModelError, match="no function 'text-generatoin'; did you mean text-generation"):
        aix.models.by_function("text-generatoin")


def test_a_known_function_without_models_has_none(aix: Aixplain) -> None:
    idle = next(function for function in Function if not aix.models.registry.with_function(str(function)))
    assert aix.models.by_function(idle) == ()


@pytest.mark.parametrize("wanted", [None, 7, ""])
def test_what_is_no_id_is_an_unknown_model(aix: Aixplain, wanted: Any) -> None:
    with pytest.raises(UnknownModelError, match="has no model"):
        aix.models[wanted]


def test_importing_the_package_and_touching_a_model_loads_that_model_only() -> None:
    code = (
        "import sys, aixplain_models\n"
        "assert not [name for name in sys.modules if name.startswith('aixplain_models.')]\n"
        "assert 'urllib3' not in sys.modules and 'cattrs' not in sys.modules\n"
        "aix = aixplain_models.Aixplain(api_key='k')\n"
        "aix.models.openai.gpt_5_4\n"
        "print(sorted(name for name in sys.modules if name.startswith('aixplain_models.models')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "['aixplain_models.models', 'aixplain_models.models.openai', 'aixplain_models.models.openai.gpt_5_4']"
    )


def test_a_generated_parameter_tells_what_it_is() -> None:
    gpt = Aixplain(api_key="k").models.openai.gpt_5_4
    told = {parameter.name: parameter.description for parameter in gpt.params or ()}
    assert told["temperature"].startswith("How freely the model chooses its words")
    info = gpt.inputs.get_parameter_info("temperature")
    assert info is not None
    assert info["description"] == told["temperature"]
    assert {each["description"] for each in gpt.as_tool()["parameters"]} <= {*told.values()}
