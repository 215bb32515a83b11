"""A real SMTP server on loopback: aiosmtpd, with every mail written to a folder as JSON.

Usage: smtp_server.py FOLDER OPTIONS, where OPTIONS is a JSON object with
  port            the port; 0 is a free one
  cert, key       files: offers STARTTLS, and insists on it
  user, password  insists on this login (and offers it under TLS only)
  mechanisms      those not to offer, like ["PLAIN"]
Prints its port, and ends when its standard input does.
"""

import asyncio
import email
import email.policy
import itertools
import json
import logging
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Store:
    """Writes what comes, under a name with a number, all at once."""

    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count()

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        mail = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "headers": {name: str(value) for name, value in message.items()},
            # Lines end with CR LF on the wire.
            "text": message.get_content().replace("\r\n", "\n"),
            "tls": session.ssl is not None,
            "user": session.auth_data if session.authenticated else None,
            "hello": session.host_name,
        }
        name = os.path.join(self.folder, f"{next(self.numbers):06}")
        with open(name + ".part", "w") as file:
            json.dump(mail, file)
        os.rename(name + ".part", name + ".json")
        return "250 OK"


async def main():
    # What clients do wrong on purpose is no news.
    logging.disable()
    folder, options = sys.argv[1], json.loads(sys.argv[2])

    def check(server, session, envelope, mechanism, data):
        expected = (options["user"].encode(), options["password"].encode())
        if (data.login, data.password) != expected:
            # Without `handled`, aiosmtpd says 535 by itself.
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=options["user"])

    more = {}
    if "cert" in options:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options["cert"], options["key"])
        more.update(tls_context=context, require_starttls=True)
    if "user" in options:
        more.update(authenticator=check, auth_required=True)
        more.update(auth_exclude_mechanism=options.get("mechanisms", []))
    store = Store(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(store, hostname="localhost", loop=loop, **more),
        "127.0.0.1",
        options.get("port", 0),
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
os._exit(0)
