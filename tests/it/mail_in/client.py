"""Somebody who writes and reads mail with Python's own library. Takes one JSON value a line, does it, and
prints what came of it as one JSON value: `write` a mail, `receive` the next letter, `answer` the last one."""

import email
import email.policy
import html
import json
import queue
import smtplib
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from aiosmtpd.controller import Controller

name, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
letters = queue.Queue()


class Handler:
    async def handle_DATA(self, server, session, envelope):
        if address in envelope.rcpt_tos:
            letters.put(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 2.0.0 taken"


def plain(letter):
    return letter.get_body(("plain",)).get_content()


def send(mail):
    mail["From"] = f"{name} <{address}>"
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain=address.split("@")[1])
    with smtplib.SMTP("127.0.0.1", mta, local_hostname="client.example") as server:
        server.send_message(mail)
    return {"id": mail["Message-ID"]}


def write(to, subject, text):
    mail = EmailMessage()
    mail["To"], mail["Subject"] = to, subject
    mail.set_content(text)
    return send(mail)


def answer(letter, text, rich):
    """As programs do: to Reply-To, in the thread, with the letter quoted below."""
    mail = EmailMessage()
    mail["To"] = letter["Reply-To"] or letter["From"]
    subject = letter["Subject"]
    mail["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    mail["In-Reply-To"] = letter["Message-ID"]
    mail["References"] = " ".join(filter(None, [letter["References"], letter["Message-ID"]]))
    quoted = "".join(f"> {line}\n" for line in plain(letter).splitlines())
    who = parseaddr(letter["From"])[0] or letter["From"]
    heading = f"On {letter['Date']}, {who} wrote:"
    mail.set_content(f"{text}\n\n{heading}\n\n{quoted}")
    if rich:
        body = f"<p>{html.escape(text)}</p><div>{html.escape(heading)}<blockquote type=\"cite\">"
        mail.add_alternative(body + letter.get_body(("html",)).get_content() + "</blockquote></div>", "html")
    return send(mail)


controller = Controller(Handler(), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
controller.start()
print(json.dumps({"ready": True}), flush=True)
letter = None
for line in sys.stdin:
    asked = json.loads(line)
    mta = asked.get("port")
    if "write" in asked:
        done = write(*asked["write"])
    elif "answer" in asked:
        done = answer(letter, asked["answer"], asked["rich"])
    else:
        letter = letters.get(timeout=30)
        defects = [repr(defect) for part in letter.walk() for defect in part.defects]
        headers = {key.lower(): str(value) for key, value in letter.items()}
        done = {"headers": headers, "text": plain(letter), "defects": defects, "more": letters.qsize()}
    print(json.dumps(done), flush=True)
controller.stop()
