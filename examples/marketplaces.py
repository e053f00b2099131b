"""Two further marketplaces, each with a package of its own: typed outputs, files, text piece by piece, cancelling.

`make demo` runs it against two sandboxes. With REPLICATE_API_TOKEN and FAL_KEY set, this calls the real services, which costs money, and
the models are those of the sample catalogs:

    python examples/marketplaces.py
"""

from fal_models import Fal
from replicate_models import Replicate


def call_replicate() -> None:
    """Make two runs, one of them streamed."""
    with Replicate() as rep:
        print("== Replicate: files are objects, whatever their URL looks like")
        flux = rep.models.black_forest_labs.flux_schnell
        for picture in flux.run(prompt="a lighthouse at night", aspect_ratio="16:9", num_outputs=2).data:
            print(f"{len(picture.read())} bytes of {picture.url.rpartition('/')[2]}")

        print("\n== Replicate: text as it is written")
        with rep.models.meta.meta_llama_3_8b_instruct.run_stream(prompt="Say hello") as stream:
            print("|".join(chunk.data or "" for chunk in stream))


def call_fal() -> None:
    """Make two runs, one of them cancelled."""
    with Fal() as fal:
        print("\n== fal: outputs are classes made from each endpoint's schema")
        flux = fal.models.fal_ai.flux_dev
        output = flux.run(prompt="a lighthouse at night", image_size="landscape_16_9", seed=7).data
        picture = output.images[0]
        print(f"{picture.width} × {picture.height} pixels of {picture.content_type}, seed {output.seed}")

        print("\n== fal: a run that is not wanted any more")
        print(flux.run_async(prompt="a lighthouse at noon", priority="low").cancel().status)


if __name__ == "__main__":
    call_replicate()
    call_fal()
