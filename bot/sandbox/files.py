"""Files that people and the bot sent, found by file_id, and for an hour by path."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from bot.sandbox.errors import bad_request
from bot.sandbox.world import Json

DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
PATH_LIFE = 3600.0


@dataclass(eq=False)
class StoredFile:
    """One file. `size` may be declared, so that tests need no large data; `content` is what a message shows."""

    file_id: str
    unique_id: str
    data: bytes
    size: int
    kind: str
    path: str
    name: str | None = None
    mime_type: str | None = None
    content: object = None


class Files:
    """All files of the sandbox."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.by_id: dict[str, StoredFile] = {}
        self._granted: dict[str, tuple[StoredFile, float]] = {}

    def add(
        self, kind: str, data: bytes, name: str | None = None, mime_type: str | None = None, size: int | None = None
    ) -> StoredFile:
        """Keep a file of a kind: photo, document, voice, …"""
        extension = name.rsplit(".", 1)[-1] if name and "." in name else {"photo": "jpg"}.get(kind, "bin")
        file_id = "AgAC" + secrets.token_urlsafe(48)
        stored = StoredFile(
            file_id=file_id,
            unique_id="AQAD" + secrets.token_urlsafe(9),
            data=data,
            size=len(data) if size is None else size,
            kind=kind,
            path=f"{kind}s/file_{len(self.by_id)}.{extension}",
            name=name,
            mime_type=mime_type,
        )
        self.by_id[file_id] = stored
        return stored

    def get(self, file_id: str) -> StoredFile:
        """The file, or Telegram's refusal."""
        if file_id not in self.by_id:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return self.by_id[file_id]

    def grant(self, file_id: str) -> StoredFile:
        """Open the file's path for an hour; refuses more than 20 MB."""
        stored = self.get(file_id)
        if stored.size > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        self._granted[stored.path] = (stored, self._clock() + PATH_LIFE)
        return stored

    def download(self, path: str) -> bytes | None:
        """What lies behind a path that was granted less than an hour ago."""
        stored, until = self._granted.get(path, (None, 0.0))
        return stored.data if stored is not None and self._clock() < until else None

    def add_document(
        self, name: str, data: bytes, mime_type: str | None, size: int | None = None
    ) -> tuple[StoredFile, Json]:
        """A file as a message shows it under `document`."""
        stored = self.add("document", data, name, mime_type, size)
        shown = {"file_name": name, **described(stored)}
        if mime_type:
            shown["mime_type"] = mime_type
        stored.content = shown
        return stored, shown

    def add_photo(self, data: bytes, size: int | None = None) -> list[Json]:
        """A photo in up to three sizes, the largest last; its bytes stay as given.

        Telegram would encode the photo anew. Keeping the bytes, metadata included, is the harder case for the bot.
        """
        shown: list[Json] = []
        width, height, smaller = thumbnails(data)
        for small_width, small_height, small in smaller:
            shown.append({**described(self.add("photo", small)), "width": small_width, "height": small_height})
        shown.append({**described(self.add("photo", data, size=size)), "width": width, "height": height})
        for one in shown:
            self.by_id[one["file_id"]].content = shown
        return shown


def described(stored: StoredFile) -> Json:
    """The fields that every sort of file has."""
    return {"file_id": stored.file_id, "file_unique_id": stored.unique_id, "file_size": stored.size}


def thumbnails(data: bytes) -> tuple[int, int, list[tuple[int, int, bytes]]]:
    """Width and height of a picture and its smaller sizes; 90 × 90 and none for what cannot be read."""
    from PIL import Image, UnidentifiedImageError

    smaller: list[tuple[int, int, bytes]] = []
    try:
        with Image.open(BytesIO(data)) as image:
            width, height = image.size
            for side in (90, 320):
                if max(width, height) > side:
                    small = image.convert("RGB")
                    small.thumbnail((side, side))
                    written = BytesIO()
                    small.save(written, "JPEG", quality=80)
                    smaller.append((*small.size, written.getvalue()))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        # People can send a damaged picture; what the bot sends is checked by `require_picture` before.
        return 90, 90, []
    return width, height, smaller


def require_picture(data: bytes) -> None:
    """Refuse what sendPhoto refuses: too large, not a picture, or of impossible dimensions."""
    from PIL import Image, UnidentifiedImageError

    if len(data) > PHOTO_LIMIT:
        raise bad_request("file is too big")
    try:
        with Image.open(BytesIO(data)) as image:
            width, height = image.size
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
