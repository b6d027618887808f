"""Links in what people send: found, and each brought to a canonical form with its platform."""

from bot.links.finding import find, find_all
from bot.links.link import Link
from bot.links.lists import EmptyList, ListFile, UnreadableList, read_list
from bot.links.reading import canonical

__all__ = ["EmptyList", "Link", "ListFile", "UnreadableList", "canonical", "find", "find_all", "read_list"]
