"""What the bot is measured against: an aiogram bot that echoes, and one that inserts a row by asyncpg as well.

Run as `python -m tests.load.echo PORT [DATABASE_URL]`. As good as aiogram's own means let it be: by webhook, the
handler's method rides in the response, uvloop.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import asyncpg
import uvloop
from aiogram import Bot, Dispatcher
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

INSERT = "INSERT INTO echo (chat_id, words) VALUES ($1, $2)"


async def make(port: int, url: str | None) -> None:
    """Serve until killed."""
    dispatcher = Dispatcher()
    pool: Any = await asyncpg.create_pool(url, min_size=8, max_size=8) if url else None

    @dispatcher.message()
    async def echo(message: Message) -> TelegramMethod[Any]:
        if pool:
            await pool.execute(INSERT, message.chat.id, message.text)
        return SendMessage(chat_id=message.chat.id, text=message.text or "")

    bot = Bot("42:" + "A" * 35)
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False).register(app, path="/hook")
    setup_application(app, dispatcher, bot=bot)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(make(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
