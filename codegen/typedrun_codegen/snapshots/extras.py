"""What stands elsewhere about models (prices): asked for several at a time, with a key alone, and never lost by accident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field

from typedrun import errors
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_codegen.marketplaces.source import Extras
from typedrun_codegen.snapshots.backend import Backend


def with_extras(
    backend: Backend, models: Mapping[str, Mapping[str, JSON]], old: Snapshot
) -> tuple[Mapping[str, Mapping[str, JSON]], tuple[Problem, ...]]:
    """The models with what stands elsewhere about them; where it could not be had, with what the snapshot has.

    Args:
        backend: whom to ask.
        models: by id.
        old: the snapshot that there is.

    Raises:
        TypedrunError: the backend failed for good.
    """
    extras = backend.source.extras
    if extras is None:
        return models, ()
    asking = _Asking(backend, extras)
    if backend.scrubbed.key:
        ids = sorted(models)  # answers came in any order; what is asked shall not depend on it
        for start in range(0, len(ids), extras.size):
            asking.ask(ids[start : start + extras.size])
    for entry in old.models:
        id = backend.market.id_of(entry.value)
        if id is not None and id not in asking.known and extras.member in entry.value:
            asking.known[id] = entry.value[extras.member]
    complete = {
        id: value if (found := asking.known.get(id)) is None else {**value, extras.member: found}
        for id, value in models.items()
    }
    return complete, tuple(asking.problems[:1])  # one cause, however many batches it had


@define
class _Asking:
    """Batches, halved where the backend refuses one: of many ids, one that it does not know spoils the answer."""

    backend: Backend
    extras: Extras
    known: dict[str, JSON] = field(factory=dict[str, JSON], init=False)
    """By id; None where the backend says that there is nothing."""
    problems: list[Problem] = field(factory=list[Problem], init=False)

    def ask(self, ids: Sequence[str]) -> None:
        """Ask for a batch."""
        request = self.extras.ask(self.backend.url, ids)
        try:
            found = self.extras.read(self.backend.ask(request))
        except (errors.NotFoundError, errors.InvalidRequestError):
            if len(ids) == 1:
                self.known[ids[0]] = None
                return
            half = len(ids) // 2
            self.ask(ids[:half])
            self.ask(ids[half:])
        except (errors.DecodingError, errors.PermissionDeniedError, ValueError) as error:
            next_step = "check what the key may do; until then the snapshot keeps what it has of them"
            title = f"the backend does not say the {self.extras.member} of its models"
            self.problems.append(Problem(title, Location(request.url), found=str(error), next_step=next_step))
        else:
            self.known.update({id: found.get(id) for id in ids})
