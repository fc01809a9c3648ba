"""E-mail by SMTP. A mail server cannot be asked later; what it may have taken is not sent again."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from policy_match.exchange.channels.carrier import Letter
from policy_match.push.delivery import Outcome, Taken

SECONDS = 5.0
Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Smtp:
    """`security`: encrypted from the start, by STARTTLS, or not at all; `user` empty: nobody signs in."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    is_repeatable: bool = False

    def send(self, letter: Letter) -> Outcome:
        """Hand it to the server; until its text has begun nothing was sent, and from then on perhaps."""
        begun = False
        try:
            with self._connected() as server:
                _accepted(server.mail(self.sender))
                _accepted(server.rcpt(letter.to or ""))
                begun = True
                _accepted(server.data(self._written(letter).as_bytes()))
                return Outcome(Taken.YES, "邮件服务器已收下", 250)
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code)
        except UnicodeError:
            return Outcome(Taken.NEVER, "邮件服务器不收这样的地址")
        except (smtplib.SMTPException, OSError) as error:
            name = type(error).__name__
            if begun:
                return Outcome(Taken.PERHAPS, f"邮件服务器没有答复（{name}），不知道是否收下")
            return Outcome(Taken.NOT_NOW, f"连不上邮件服务器（{name}）")

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """Nobody can tell."""
        return Outcome(Taken.PERHAPS, "邮件服务器不能查询，不知道是否收下")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self.user:
                server.login(self.user, self.password)
            yield server
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _written(self, letter: Letter) -> EmailMessage:
        """The mail; its Message-ID is the client_msg_id, the same at every try."""
        mail = EmailMessage()
        mail["Subject"] = " ".join(letter.title.split())
        mail["From"], mail["To"] = self.sender, letter.to or ""
        mail["Date"] = format_datetime(letter.at)
        mail["Message-ID"] = f"<{letter.id}@{self.sender.rpartition('@')[2].rstrip('>')}>"
        mail.set_content(letter.body, cte="base64")
        return mail


def _accepted(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, text.decode("utf-8", "replace"))


def _refused(code: int) -> Outcome:
    """4xx is for now, 5xx for good (RFC 5321, 4.2.1), but where it is about us: signing in, or encryption."""
    for_good = 500 <= code < 600 and code not in (530, 534, 535, 538)
    return Outcome(Taken.NEVER if for_good else Taken.NOT_NOW, f"邮件服务器不收这一条（{code}）", code)
