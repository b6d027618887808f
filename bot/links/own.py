"""The bot's own address, which nobody may report: among hundreds an officer might have it closed."""


def leads_to(bot: str, url: str) -> bool:
    """Tell whether a canonical address is that of a bot, or something within it; never, where it has no name yet."""
    own = f"https://t.me/{bot.lower()}"
    return bool(bot) and (url == own or url.startswith(f"{own}/"))
