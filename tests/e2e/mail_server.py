# A mail server that others wrote (aiosmtpd), for the scenario of mail. Usage: mail_server.py FOLDER [CERT KEY]
# Writes each message with its envelope to FOLDER/N.eml, and its port to FOLDER/port. With a certificate it offers STARTTLS; without, it
# asks for a login: shop, with the password "hush".
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder = sys.argv[1]
count = 0


class Keep:
    async def handle_DATA(self, server, session, envelope):
        global count
        count += 1
        with open(f"{folder}/{count}.tmp", "wb") as f:
            f.write(f"X-From: {envelope.mail_from}\r\nX-To: {','.join(envelope.rcpt_tos)}\r\n".encode() + envelope.content)
        os.rename(f"{folder}/{count}.tmp", f"{folder}/{count}.eml")
        return "250 2.0.0 kept as %d" % count


def login(server, session, envelope, mechanism, data):
    with open(f"{folder}/logins", "a") as f:
        f.write(f"{data.login.decode()}:{data.password.decode()}\n")
    return AuthResult(success=data.login == b"shop" and data.password == b"hush")


how = {"hostname": "mail.example", "enable_SMTPUTF8": True, "authenticator": login, "auth_required": True}
if len(sys.argv) > 3:
    how["tls_context"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    how["tls_context"].load_cert_chain(sys.argv[2], sys.argv[3])
else:
    how["auth_require_tls"] = False


async def serve():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Keep(), **how), "127.0.0.1", 0)
    with open(f"{folder}/port.tmp", "w") as f:
        f.write(str(server.sockets[0].getsockname()[1]))
    os.rename(f"{folder}/port.tmp", f"{folder}/port")
    await server.serve_forever()


asyncio.run(serve())
