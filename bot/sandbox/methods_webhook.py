"""Methods that set and end the webhook."""

import re
from urllib.parse import urlsplit

from bot.sandbox.core import Core
from bot.sandbox.errors import bad_request
from bot.sandbox.methods import method
from bot.sandbox.webhook import Webhook
from bot.sandbox.world import Json

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@method("setWebhook")
async def set_webhook(core: Core, given: Json) -> bool:
    """Deliver updates to an address; unlike Telegram's, it may be plain http on this machine."""
    url = given["url"].strip()
    if not url:
        return await delete_webhook(core, given)
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise bad_request("bad webhook: invalid webhook URL specified")
    secret = given.get("secret_token")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = given.get("max_connections", 40)
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    if given.get("drop_pending_updates"):
        core.updates.drop_all()
    core.updates.allow(given.get("allowed_updates"))
    core.updates.end_poll()
    await core.postman.set(Webhook(url, secret, connections))
    return True


@method("deleteWebhook")
async def delete_webhook(core: Core, given: Json) -> bool:
    """Deliver nothing more; what waits is for getUpdates."""
    await core.postman.set(None)
    if given.get("drop_pending_updates"):
        core.updates.drop_all()
    return True


@method("getWebhookInfo")
async def get_webhook_info(core: Core, _given: Json) -> Json:
    """Where updates go and how many wait."""
    webhook = core.postman.webhook
    info: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(core.updates.pending()),
    }
    if webhook is not None:
        info |= {"max_connections": webhook.max_connections, "ip_address": "127.0.0.1"}
        if webhook.last_error is not None:
            info |= {"last_error_message": webhook.last_error, "last_error_date": webhook.last_error_time}
    if core.updates.allowed is not None:
        info["allowed_updates"] = sorted(core.updates.allowed)
    return info
