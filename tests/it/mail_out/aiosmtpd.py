"""A mail server that others wrote: takes mail by TLS or STARTTLS from who signs in, and prints what
Python's own reader of mail finds in each, one JSON value a line."""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

certificate, key, user, password, mode = sys.argv[1:6]


class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        found = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "utf8": "SMTPUTF8" in envelope.mail_options,
            "tls": session.ssl is not None or mode == "tls",
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "defects": [repr(defect) for part in mail.walk() for defect in part.defects],
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
        }
        print(json.dumps(found), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
    return AuthResult(success=good, handled=False if not good else True)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    starttls = mode == "starttls"

    def protocol():
        return SMTP(
            Handler(),
            hostname="localhost",
            enable_SMTPUTF8=True,
            authenticator=authenticate,
            auth_required=True,
            auth_require_tls=starttls,
            require_starttls=starttls,
            tls_context=context if starttls else None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=None if starttls else context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
