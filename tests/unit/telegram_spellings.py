"""Links of Telegram: what there is, and the forms in which each can be written."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from bot.links.telegram_things import NOT_NAMES

NAME = st.from_regex(r"[A-Za-z](?:_?[A-Za-z0-9]){3,15}", fullmatch=True).filter(
    lambda name: name.lower() not in NOT_NAMES
)
TOKEN = st.from_regex(r"[A-Za-z0-9_\-]{9,22}", fullmatch=True).filter(lambda token: not token.isdigit())
NUMBER = st.integers(1, 2**31 - 1).map(str)
FIELDS = {
    "name": NAME,
    "app": NAME,
    "bot": NAME,
    "n": NUMBER,
    "m": NUMBER,
    "chat": st.integers(1, 2**40).map(str),
    "token": TOKEN,
    "phone": st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True),
    "server": st.sampled_from(["1.2.3.4", "proxy.example.kz", "[::1]", "a"]),
    "port": st.integers(1, 65535).map(str),
    "secret": st.from_regex(r"(?:dd)?[0-9a-f]{32}", fullmatch=True),
}


@dataclass(frozen=True)
class Thing:
    """What a link can name: `pages` stand after t.me/, `others` are whole."""

    what: str
    private: bool
    pages: tuple[str, ...]
    others: tuple[str, ...] = ()


def _thing(what: str, pages: str, others: str = "", *, private: bool = False) -> Thing:
    return Thing(what, private, tuple(pages.split()), tuple(others.split()))


THINGS = (
    _thing(
        "channel",
        "{name} s/{name} {name}?start=x {name}?startgroup {name}?startchannel&admin=a {name}?boost {name}?livestream "
        "boost/{name} {name}?videochat=x {name}?direct {name}?profile {name}?startapp=x {name}?startattach=x "
        "{name}?ref=x {name}/ "
        "{name}?text=hello {name}?before=5 s/{name}?q=x s/{name}/",
        "@{name} https://{name}.t.me http://{name}.t.me/?start=x tg:resolve?domain={name} "
        "tg://resolve/?domain={name}&start=x tg://resolve?start=x&domain={name} "
        "https://web.telegram.org/k/#@{name} https://web.telegram.org/a/#@{name} "
        "https://webz.telegram.org/#@{name} https://web.telegram.org/k/#?tgaddr=tg%3A%2F%2Fresolve%3Fdomain%3D{name} "
        "tg://boost?domain={name}",
    ),
    _thing(
        "post",
        "{name}/{n} s/{name}/{n} {name}/{n}?single {name}/{n}?comment=5 {name}/{n}?thread=3 {name}/{n}?t=1m "
        "{name}/{m}/{n} {name}/{n}?single&comment=1 {name}/{n}/",
        "tg://resolve?domain={name}&post={n} tg:resolve?post={n}&single&domain={name}&thread=4 https://{name}.t.me/{n} "
        "tg://resolve?domain={name}&post={n}&comment=6",
    ),
    _thing("story", "{name}/s/{n}", "tg://resolve?domain={name}&story={n} https://{name}.t.me/s/{n}"),
    _thing("album", "{name}/a/{n}", "tg://resolve?domain={name}&album={n}"),
    _thing("collection", "{name}/c/{n}", "tg://resolve?domain={name}&collection={n}"),
    _thing(
        "app",
        "{name}/{app} {name}/{app}?startapp=x {name}/{app}?mode=compact",
        "tg:resolve?domain={name}&appname={app}",
    ),
    _thing("game", "{name}?game={app}", "tg://resolve?domain={name}&game={app}"),
    _thing(
        "post",
        "c/{chat}/{n} c/{chat}/{n}?single c/{chat}/{m}/{n}",
        "tg://privatepost?channel={chat}&post={n}",
        private=True,
    ),
    _thing("boost", "c/{chat}?boost boost?c={chat}", "tg://boost?channel={chat}", private=True),
    _thing(
        "invite",
        "+{token} joinchat/{token} %20{token}",
        "tg://join?invite={token} tg:join?invite={token}&x=y",
        private=True,
    ),
    _thing(
        "phone",
        "+{phone} +{phone}?text=hello",
        "tg://resolve?phone={phone} tg:resolve?phone={phone}&text=x",
        private=True,
    ),
    _thing("contact", "contact/{token}", "tg://contact?token={token}", private=True),
    _thing("business", "m/{token}", "tg://message?slug={token}", private=True),
    _thing("folder", "addlist/{token}", "tg://addlist?slug={token}", private=True),
    _thing("gift_code", "giftcode/{token}", "tg://giftcode?slug={token}", private=True),
    _thing("call", "call/{token}", "tg://call?slug={token}", private=True),
    _thing("invoice", "invoice/{token} ${token}", "tg://invoice?slug={token}", private=True),
    _thing("auction", "auction/{token}", "tg://stargift_auction?slug={token}"),
    _thing("gift", "nft/{token}", "tg://nft?slug={token}"),
    _thing("sticker_set", "addstickers/{token}", "tg://addstickers?set={token}"),
    _thing("sticker_set", "addemoji/{token}", "tg://addemoji?set={token}"),
    _thing("theme", "addtheme/{token}", "tg://addtheme?slug={token}"),
    _thing("style", "addstyle/{token}", "tg://addstyle?slug={token}"),
    _thing("background", "bg/{token} bg/{token}?mode=blur", "tg://bg?slug={token}"),
    _thing("language", "setlanguage/{token}", "tg://setlanguage?lang={token}"),
    _thing("new_bot", "newbot/{name}/{bot}", "tg://newbot?manager={name}&username={bot}"),
    _thing(
        "proxy",
        "proxy?server={server}&port={port}&secret={secret} proxy?secret={secret}&port={port}&server={server}",
        "tg://proxy?server={server}&port={port}&secret={secret}",
    ),
    _thing(
        "proxy",
        "socks?server={server}&port={port} socks?port={port}&server={server}&user=a&pass=b",
        "tg://socks?server={server}&port={port}",
    ),
    _thing(
        "share",
        "share/url?url={token} msg/url?url={token}&text=x",
        "tg://msg_url?url={token} tg://share?url={token}",
        private=True,
    ),
)
HOSTS = ("t.me", "telegram.me", "telegram.dog", "www.t.me", "T.ME", "Telegram.Me")
NOISE = ("", "", "utm_source=a", "fbclid=b", "x")


@st.composite
def forms(draw: st.DrawFn) -> tuple[Thing, str, str]:
    """A thing of Telegram, and two forms of it."""
    thing = draw(st.sampled_from(THINGS))
    fields = {name: draw(strategy) for name, strategy in FIELDS.items()}
    return thing, draw(_form(thing, fields)), draw(_form(thing, fields))


@st.composite
def _form(draw: st.DrawFn, thing: Thing, fields: dict[str, str]) -> str:
    template = draw(st.sampled_from([*thing.pages, *thing.others]))
    given = dict(fields)
    for key in ("name", "bot") if thing.what != "game" else ("name",):
        given[key] = "".join(draw(st.sampled_from([char.lower(), char.upper()])) for char in given[key])
    if template in thing.pages:
        scheme = draw(st.sampled_from(["", "http://", "https://", "HTTPS://", "hTTp://"]))
        made = f"{scheme}{draw(st.sampled_from(HOSTS))}/{template.format(**given)}"
    else:
        made = template.format(**given)
        if made.startswith("tg:") and draw(st.booleans()):
            made = "TG:" + made[3:]
    noise = draw(st.sampled_from(NOISE))
    if noise and made[0] != "@" and "#" not in made:
        made += ("&" if "?" in made else "?") + noise
    if made[0] != "@" and "#" not in made and draw(st.booleans()):
        made += "#part"
    return made
