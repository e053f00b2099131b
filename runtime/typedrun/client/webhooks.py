"""Webhooks, as clients take them: is one the marketplace's, and what does it say?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from typedrun.errors import ValidationError
from typedrun.jsontypes import JSON
from typedrun.marketplaces import find_webhooks
from typedrun.metadata.described import DescribedModel

if TYPE_CHECKING:
    from typedrun.core.effects import Flow
    from typedrun.results import ModelResult
    from typedrun.session import Session

Secret: TypeAlias = str | Sequence[str] | Mapping[str, JSON]
"""What a webhook is verified with: a signing secret, several of them, or published keys (a JSON Web Key Set)."""


class ReceivesWebhooks:
    """A client that is told of runs by webhooks."""

    session: Session[Any]

    def verify_webhook(
        self,
        headers: Mapping[str, Any],
        body: bytes | str,
        secret: Secret | None = None,
        *,
        model: DescribedModel | str | None = None,
    ) -> ModelResult[Any]:
        """Find out whether a webhook is the marketplace's, and read what it says.

        Args:
            headers: Of the request that reached the server, names in any case.
            body: Its body as it was received (bytes), not what was read from it.
            secret: What the marketplace signs with: a signing secret (`whsec_…`), several while one takes another's place, or the published
                keys (a JSON Web Key Set). Default: the marketplace is asked, for a secret each time, for keys once a day.
            model: Whose output it has, for the type of `data`: a model, its id or path. Default: what the webhook says, if it does.

        Returns:
            The result: finished, or not yet where the marketplace tells of a run on its way; of a run that failed with its `error_message`.

        Raises:
            ValidationError: It is not verified: a header is missing, it is older than five minutes, or its signature is not right.
            ConfigurationError: Published keys need `pip install 'typedrun[webhooks]'`.
        """
        result: ModelResult[Any] = self.session.driver.drive(verified(self.session, headers, body, secret, model))
        return result


class AsyncReceivesWebhooks:
    """An asyncio client that is told of runs by webhooks."""

    session: Session[Any]

    async def verify_webhook(
        self,
        headers: Mapping[str, Any],
        body: bytes | str,
        secret: Secret | None = None,
        *,
        model: DescribedModel | str | None = None,
    ) -> ModelResult[Any]:
        """Find out whether a webhook is the marketplace's, and read what it says. Arguments and errors as for the blocking client's."""
        result: ModelResult[Any] = await self.session.driver.drive(verified(self.session, headers, body, secret, model))
        return result


def verified(
    session: Session[Any],
    headers: Mapping[str, Any],
    body: bytes | str,
    secret: Secret | None,
    model: DescribedModel | str | None,
) -> Flow[ModelResult[Any]]:
    """What a webhook says, with data of the model's type. Arguments and errors as for `ReceivesWebhooks.verify_webhook`."""
    driver = session.driver
    wire = driver.wire
    verify = find_webhooks(wire.marketplace)
    if verify is None:
        raise ValidationError(f"The marketplace {wire.marketplace!r} sends no webhooks")
    result = yield from verify(headers, body, secret, wire, driver.rules)
    if isinstance(model, DescribedModel):
        cls: type[Any] | None = type(model)
    else:
        cls = session.find_class(model or result.model)
    if cls is None or getattr(cls, "output_type", None) is None:
        return result
    from typedrun.answers.outputs import output_of

    output = output_of(cls)
    return result if output is None else output.read(result, driver, label=result.model)
