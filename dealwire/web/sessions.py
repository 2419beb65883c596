"""Logging in: passwords against the hashes in the settings, sessions in memory, and a limit to guessing.

Sessions end with the process, when they are idle for `session_hours`, or when one logs out.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from dealwire.settings import Web
from dealwire.web.visitors import Role, Told, Visitor
from schemas.errors import Retryable

COOKIE = "dealwire_session"
_SESSIONS_MOST = 10_000
_TRIES, _TRIES_IN_ALL, _WITHIN = 5, 30, 300.0
_LONGEST_PASSWORD = 256


class TooManyTries(Retryable):
    """Somebody guesses passwords."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return f"too many wrong passwords; try again in {max(1, round(self.seconds / 60))} min"


@dataclass
class _Session:
    role: Role
    logged_in: bool
    seen: float
    told: Told | None = None


class Sessions:
    """The sessions of one process. `clock` tells seconds."""

    def __init__(self, settings: Web, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._key = secrets.token_bytes(32)
        self._found: OrderedDict[bytes, _Session] = OrderedDict()
        self._tokens: OrderedDict[bytes, Role] = OrderedDict()
        self._wrong: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        # Argon2 takes memory and time on purpose; two at once are enough.
        self._hashing = threading.BoundedSemaphore(2)

    @property
    def needs_login(self) -> bool:
        """Whether anybody has to log in."""
        return self._settings.needs_login

    def begin(self, role: Role, *, logged_in: bool) -> str:
        """A new session; what its cookie says."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._found) >= _SESSIONS_MOST:
                self._found.popitem(last=False)
            self._found[self._digest(secret)] = _Session(role, logged_in, self._clock())
        return secret

    def visitor(self, secret: str | None, *, shown: bool = False) -> Visitor | None:
        """Who has this cookie; None if it is unknown or was idle for too long. `shown`: a page shows what is told."""
        if not secret:
            return None
        digest, now = self._digest(secret), self._clock()
        with self._lock:
            session = self._found.get(digest)
            if session is None:
                return None
            if now - session.seen > self._settings.session_hours * 3600:
                del self._found[digest]
                return None
            session.seen = now
            self._found.move_to_end(digest)
            told = session.told
            if shown:
                session.told = None
        return Visitor(session.role, self._csrf(secret), session.logged_in, told)

    def tell(self, secret: str | None, told: Told) -> None:
        """Have the next page that is shown to this visitor say so."""
        if secret:
            with self._lock:
                if (session := self._found.get(self._digest(secret))) is not None:
                    session.told = told

    def end(self, secret: str | None) -> None:
        """Log out."""
        if secret:
            with self._lock:
                self._found.pop(self._digest(secret), None)

    def role_of(self, password: str, who: str) -> Role | None:
        """The role that a password gives; None: it is wrong. `who` is the address that tries. Raises `TooManyTries`."""
        digest = self._digest("password " + password)
        with self._lock:
            # A program sends its token with every request; it is hashed the long way once.
            if (known := self._tokens.get(digest)) is not None:
                return known
            self._refuse_guessing(who)
        role = self._verified(password)
        with self._lock:
            if role is None:
                now = self._clock()
                for name in (who, "*"):
                    self._wrong.setdefault(name, deque(maxlen=_TRIES_IN_ALL)).append(now)
            else:
                while len(self._tokens) >= 100:
                    self._tokens.popitem(last=False)
                self._tokens[digest] = role
        return role

    def _verified(self, password: str) -> Role | None:
        if not 0 < len(password) <= _LONGEST_PASSWORD:
            return None
        hasher = PasswordHasher()
        pairs: tuple[tuple[Role, str], ...] = (("admin", self._settings.admin), ("reader", self._settings.reader))
        for role, known in pairs:
            if not known:
                continue
            try:
                with self._hashing:
                    hasher.verify(known, password)
            except (Argon2Error, InvalidHashError):
                continue
            return role
        return None

    def _refuse_guessing(self, who: str) -> None:
        now = self._clock()
        for name in [name for name, times in self._wrong.items() if now - times[-1] > _WITHIN]:
            del self._wrong[name]
        for name, most in ((who, _TRIES), ("*", _TRIES_IN_ALL)):
            recent = [one for one in self._wrong.get(name, ()) if now - one <= _WITHIN]
            if len(recent) >= most:
                raise TooManyTries(_WITHIN - (now - recent[-most]))

    def _digest(self, secret: str) -> bytes:
        return hmac.new(self._key, secret.encode(), hashlib.sha256).digest()

    def _csrf(self, secret: str) -> str:
        return hmac.new(self._key, b"csrf " + secret.encode(), hashlib.sha256).hexdigest()


def hashed(password: str) -> str:
    """The hash of a password, for the settings."""
    return PasswordHasher().hash(password)
