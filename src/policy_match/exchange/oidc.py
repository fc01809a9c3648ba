"""Ask a service elsewhere who somebody is: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636, S256).

The service is the one of POLICY_MATCH_OIDC_ISSUER. It and every address that it names are called over https alone, on
this machine over http as well. Redirects are not followed, proxies not used. What it says of a person is believed only
from an ID token that it signed for us, for this sign-in, and that holds at this instant. `none` and the HS family, which
would take our own secret for a key, are no signatures here.
"""

from __future__ import annotations

import json
import re
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from threading import Lock
from urllib.parse import quote

import httpx2
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from policy_match.access.tokens import new_token
from policy_match.errors import Forbidden, Issue, PolicyMatchError, UsageError

ALGORITHMS = ("RS256", "ES256", "PS256")
SECONDS, LARGEST = 5.0, 256 * 1024
KEPT = timedelta(hours=1)
LEEWAY = 60
_LONGEST = 200
_ERROR = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Registration:
    """How we are registered with the service. `issuer`: exactly as it names itself."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trip:
    """One sign-in under way: three random texts by which its end is known to belong to its beginning."""

    state: str
    nonce: str
    verifier: str = field(repr=False)

    @classmethod
    def begun(cls) -> Trip:
        """A new one."""
        return cls(new_token(), new_token(), new_token())


@dataclass(frozen=True, slots=True)
class Claims:
    """What the service vouches for. `words`: each claim that is a text or a list of texts; others are left out."""

    issuer: str
    subject: str
    words: Mapping[str, tuple[str, ...]]

    def of(self, name: str) -> tuple[str, ...]:
        """The texts of a claim; empty where it was not told."""
        return self.words.get(name, ())


@dataclass(frozen=True, slots=True)
class _Metadata:
    """Where the service answers. `posts_secret`: our secret goes into the body, because the service takes no header."""

    authorization: str
    token: str
    keys: str
    posts_secret: bool


class Provider:
    """The service, with what it publishes about itself kept for an hour. Safe to use from several threads."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._lock = Lock()
        self._metadata: tuple[_Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    def address(self, trip: Trip, redirect_uri: str, now: datetime) -> str:
        """Where a person is sent to sign in; PolicyMatchError OIDC_DOWN if the service cannot be asked."""
        challenge = urlsafe_b64encode(sha256(trip.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "scope": "openid profile", "client_id": self.registration.client_id,
            "redirect_uri": redirect_uri, "state": trip.state, "nonce": trip.nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        return str(httpx2.URL(self._published(now).authorization).copy_merge_params(asked))

    def claims(self, code: str, trip: Trip, redirect_uri: str, now: datetime) -> Claims:
        """What the service vouches for, for the code with which somebody came back.

        Forbidden OIDC_REFUSED if it does not take the code, OIDC_TOKEN for a token that is not good; PolicyMatchError
        OIDC_DOWN if it cannot be asked.
        """
        written = self._exchanged(code, trip, redirect_uri, now).get("id_token")
        if not isinstance(written, str):
            raise _untrue("没有给出身份凭证")
        return self._verified(written, trip, now)

    def _exchanged(self, code: str, trip: Trip, redirect_uri: str, now: datetime) -> Mapping[str, object]:
        published, own = self._published(now), self.registration
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
            "code_verifier": trip.verifier,
        }  # fmt: skip
        if published.posts_secret:
            form |= {"client_id": own.client_id, "client_secret": own.client_secret}
            return _asked("POST", published.token, form=form)
        # RFC 6749 §2.3.1: both are encoded as in a form before they become a header.
        header = httpx2.BasicAuth(quote(own.client_id, safe=""), quote(own.client_secret, safe=""))
        return _asked("POST", published.token, form=form, auth=header)

    def _verified(self, written: str, trip: Trip, now: datetime) -> Claims:
        own = self.registration
        required = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=LEEWAY,
            iss={"essential": True, "value": own.issuer}, aud={"essential": True, "value": own.client_id},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
            nonce={"essential": True, "value": trip.nonce}, azp={"value": own.client_id},
        )  # fmt: skip
        try:
            # Headers that nobody has registered are left aside, as RFC 7515 asks; critical ones are not.
            registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
            token = jwt.decode(written, lambda signed: self._key(signed.headers().get("kid"), now), registry=registry)
            required.validate(token.claims)
        except ExpiredTokenError as error:
            raise _untrue("已过期") from error
        except ClaimError as error:
            raise _untrue(f"{error.claim} 不符") from error
        except (JoseError, ValueError) as error:
            raise _untrue("签名不对") from error
        words = {name: _words(value) for name, value in token.claims.items()}
        if len(words["sub"][0]) > _LONGEST:
            raise _untrue("sub 太长")
        return Claims(own.issuer, words["sub"][0], words)

    def _key(self, kid: object, now: datetime) -> RSAKey | ECKey:
        """The key of an id, asked for anew where it is not known: keys change; Forbidden OIDC_TOKEN if there is none."""
        with self._lock:
            keys = self._keys
        if keys is None or now - keys[1] >= KEPT:
            keys = self._read_keys(now)
            found = _of_id(keys[0], kid)
        else:
            found = _of_id(keys[0], kid) or _of_id(self._read_keys(now)[0], kid)
        if found is None:
            raise _untrue("签名的密钥不在对方公布的之中")
        return found

    def _read_keys(self, now: datetime) -> tuple[KeySet, datetime]:
        told = _asked("GET", self._published(now).keys).get("keys")
        keys = [key for key in (told if isinstance(told, list) else []) if _may_sign(key)]
        try:
            read = KeySet([JWKRegistry.import_key(key) for key in keys]), now
        except (JoseError, ValueError, TypeError) as error:
            raise _down("公布的密钥看不懂") from error
        with self._lock:
            self._keys = read
        return read

    def _published(self, now: datetime) -> _Metadata:
        with self._lock:
            kept = self._metadata
        if kept is not None and now - kept[1] < KEPT:
            return kept[0]
        issuer = self.registration.issuer
        told = _asked("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if told.get("issuer") != issuer:
            raise _down(f"自称“{str(told.get('issuer'))[:80]}”，与设置的不同")
        found = _metadata(told)
        with self._lock:
            self._metadata = found, now
        return found


def check_issuer(written: str, where: str) -> str:
    """The address of a service as it is written; UsageError OIDC_ISSUER for what is no https address, or on this machine http."""
    text = written.strip()
    if not _is_safe(text) or len(text) > _LONGEST or "?" in text or "#" in text or "@" in text:
        hint = "写上登录服务公布的 issuer，逐字相同"
        raise UsageError(Issue("OIDC_ISSUER", f"“{text[:80]}”不是登录服务的地址", where, "https://主机/路径", hint))
    return text


def _is_safe(address: object) -> bool:
    """Whether an address may be called: https, or http on this machine."""
    try:
        url = httpx2.URL(address) if isinstance(address, str) else httpx2.URL("")
    except (httpx2.InvalidURL, UnicodeError):
        return False
    if url.scheme == "https":
        return bool(url.host)
    return url.scheme == "http" and _is_this_machine(url.host)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _metadata(told: Mapping[str, object]) -> _Metadata:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    for name in names:
        if not _is_safe(told.get(name)):
            raise _down(f"公布的 {name} 不是 https 地址")
    ways = told.get("token_endpoint_auth_methods_supported")
    posts = isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways
    authorization, token, keys = (str(told[name]) for name in names)
    return _Metadata(authorization, token, keys, posts)


def _asked(
    method: str, address: str, *, form: Mapping[str, str] | None = None, auth: httpx2.Auth | None = None
) -> Mapping[str, object]:
    """The JSON object that is answered; OIDC_DOWN without one, Forbidden OIDC_REFUSED where a form is not taken."""
    try:
        with (
            httpx2.Client(verify=ssl.create_default_context(), trust_env=False, timeout=SECONDS) as client,
            client.stream(method, address, data=form, auth=auth, headers={"accept": "application/json"}) as answer,
        ):
            status, body = answer.status_code, _read(answer)
    except (httpx2.RequestError, OSError) as error:
        raise _down("连不上，或 5 秒内没有回答") from error
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if form is not None and 400 <= status < 500:
        raise _not_taken(told)
    if status != 200 or not isinstance(told, dict):
        raise _down(f"答复 {status}，不是要的内容")
    return told


def _read(answer: httpx2.Response) -> bytes:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > LARGEST:
            raise _down("答复太长")
    return body


def _may_sign(key: object) -> bool:
    """Whether a published key is of a kind that we take, and is not kept for something else."""
    if not isinstance(key, dict) or key.get("use", "sig") != "sig":
        return False
    return key.get("kty") == "RSA" or (key.get("kty") == "EC" and key.get("crv") == "P-256")


def _of_id(keys: KeySet, kid: object) -> RSAKey | ECKey | None:
    """The key of an id; without an id the only one there is."""
    fit = [key for key in keys if key.kid == kid] if kid is not None else list(keys)
    found = fit[0] if len(fit) == 1 else None
    return found if isinstance(found, (RSAKey, ECKey)) else None


def _words(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [value]
    return tuple(part for part in parts if isinstance(part, str) and part)


def _untrue(why: str) -> Forbidden:
    hint = "请重新登录；仍不行，请管理员核对本机时间和在登录服务登记的客户端编号"
    return Forbidden(Issue("OIDC_TOKEN", f"登录服务给出的身份凭证核对不过：{why}", "登录", "", hint))


def _not_taken(told: object) -> Forbidden:
    error = told.get("error") if isinstance(told, dict) else None
    why = f"（{error}）" if isinstance(error, str) and _ERROR.fullmatch(error) else ""
    hint = "请从登录页重新开始；仍不行，请管理员核对客户端编号、密钥和回调地址"
    return Forbidden(Issue("OIDC_REFUSED", f"登录服务没有接受这次登录{why}", "登录", "", hint))


def _down(why: str) -> PolicyMatchError:
    hint = "请稍后再试，或用登录名和密码登录"
    return PolicyMatchError(Issue("OIDC_DOWN", f"登录服务现在不能用：{why}", "登录", "", hint))
