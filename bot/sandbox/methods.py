"""The table of methods that the sandbox does, and the way of one call through it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from bot.sandbox.core import Call, Core
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.signatures import Signature, decode, signatures
from bot.sandbox.world import Json

Handler = Callable[[Core, Json], Awaitable[Any]]
H = TypeVar("H", bound=Handler)
HANDLERS: dict[str, Handler] = {}
# Uploaded parts of a multipart body, by the name of the part: file name, type and data.
Uploads = Mapping[str, tuple[str, str, bytes]]
UPLOADS = "_uploads"
# Telegram ignores these when they ride in a webhook's answer.
_NEVER_RIDE = frozenset({"setWebhook", "deleteWebhook", "close", "logOut"})


def method(name: str) -> Callable[[H], H]:
    """Register the function that does a method of the Bot API."""

    def register(handler: H) -> H:
        HANDLERS[name] = handler
        return handler

    return register


async def call(core: Core, name: str, raw: Mapping[str, Any], uploads: Uploads, ride: bool = False) -> Any:
    """Check and do one call, and keep a record of it; raises ApiError where Telegram refuses."""
    signature = signatures().get(name.lower())
    record = Call(signature.name if signature else name, dict(raw), core.clock(), ride)
    core.calls.append(record)
    try:
        record.result = await _do(core, record, signature, raw, uploads)
    except ApiError as refusal:
        record.error = refusal
        if ride:
            core.refused_rides.append(record)
        core.changed()
        raise
    core.changed()
    return record.result


async def _do(core: Core, record: Call, signature: Signature | None, raw: Mapping[str, Any], uploads: Uploads) -> Any:
    if signature is None:
        raise ApiError(404, "Not Found: method not found")
    name = signature.name
    if record.ride and (name in _NEVER_RIDE or name.startswith("get")):
        raise bad_request(f"{name} is ignored in a webhook's answer")
    if (fault := core.take_fault(name, cut=False, chat_id=raw.get("chat_id"))) is not None and fault.error is not None:
        raise fault.error
    # A file in a part that bears a parameter's name is that parameter.
    parts = {key: f"attach://{key}" for key in uploads if key in signature.fields}
    record.parameters = decode(signature, {**raw, **parts})
    if name not in HANDLERS:
        raise bad_request(f"the sandbox does not do {name}")
    return await HANDLERS[name](core, {**record.parameters, UPLOADS: uploads})
