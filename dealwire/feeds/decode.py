"""Bodies decompressed in small steps, so that a bomb is noticed before it is inflated."""

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

_STEP = 1 << 16
_GZIP = b"\x1f\x8b"


class Damaged(Exception):
    """The body is not what its header says."""


class TooLong(Exception):
    """The body is longer than the limit, before or after decompression."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...
    def finished(self) -> bool: ...


def whole(
    chunks: Iterable[bytes], *, encoding: str, most: int, grown: Callable[[int], None] = lambda length: None
) -> bytes:
    """The decompressed body. Raises `TooLong` as soon as more than `most` bytes came, and `Damaged`.

    `grown` is told the length at each step, and may wait before more is held.
    """
    decoders: list[_Decoder] | None = None
    # Its value is handed out without a copy.
    body, length, raw = io.BytesIO(), 0, 0
    for chunk in chunks:
        if not chunk:
            continue
        if decoders is None:
            decoders = _decoders(encoding, chunk)
        raw += len(chunk)
        for part in _through(chunk, decoders):
            length += body.write(part)
            grown(length)
            if length > most or raw > most:
                raise TooLong
    if decoders and not all(one.finished() for one in decoders):
        raise Damaged("the compressed body is damaged: it ends too early")
    return body.getvalue()


def _decoders(encoding: str, beginning: bytes) -> list[_Decoder]:
    names = [one.strip().lower() for one in encoding.split(",") if one.strip().lower() not in ("", "identity")]
    unknown = [name for name in names if name not in _DECODERS]
    if unknown or len(names) > 2:
        raise Damaged(f"the body is encoded as {encoding[:40]!r}, which cannot be read")
    if names and beginning.lstrip()[:1] in (b"<", b"{"):
        # A header that a proxy forgot to take away.
        return []
    if not names and beginning.startswith(_GZIP):
        # A file that is served as it lies on the disk, such as feed.xml.gz.
        return [_Zlib()]
    return [_DECODERS[name]() for name in names[::-1]]


def _through(chunk: bytes, decoders: list[_Decoder]) -> Iterator[bytes]:
    if not decoders:
        yield chunk
        return
    parts = decoders[0].feed(chunk)
    while True:
        try:
            part = next(parts, None)
        except Exception as error:  # each library has an error of its own for damaged data
            raise Damaged(f"the compressed body is damaged: {error}") from error
        if part is None:
            return
        if part:
            yield from _through(part, decoders[1:])


class _Zlib:
    """gzip, also of several members, and deflate with and without its header."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=47)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner.eof:
                if not data.startswith(_GZIP):
                    return
                self._inner = zlib.decompressobj(wbits=47)
            try:
                part = self._inner.decompress(data, _STEP)
            except zlib.error:
                if self._begun:
                    raise
                # Some servers send deflate without its header.
                self._inner = zlib.decompressobj(wbits=-15)
                part = self._inner.decompress(data, _STEP)
            self._begun = True
            data = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
            yield part

    def finished(self) -> bool:
        return self._inner.eof


class _Brotli:
    def __init__(self) -> None:
        import brotli

        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._inner.process(data, output_buffer_limit=_STEP)
        while not self._inner.can_accept_more_data():
            yield self._inner.process(b"", output_buffer_limit=_STEP)

    def finished(self) -> bool:
        return bool(self._inner.is_finished())


class _Zstd:
    def __init__(self) -> None:
        import zstandard

        # The format allows windows of gigabytes; browsers read up to 8 MB.
        self._inner = zstandard.ZstdDecompressor(max_window_size=1 << 23).decompressobj(write_size=_STEP)

    def feed(self, data: bytes) -> Iterator[bytes]:
        # A window of 128 KB expands at most to what one 16 KB slice can hold; slices keep the steps small.
        for at in range(0, len(data), 256):
            if self._inner.eof:
                return
            yield self._inner.decompress(data[at : at + 256])

    def finished(self) -> bool:
        return bool(self._inner.eof)


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Zlib,
    "br": _Brotli,
    "zstd": _Zstd,
}
