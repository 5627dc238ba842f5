"""A bot without an address: it asks the server for its messages. It answers with the lines of a file that have the message in them.

  bots:
    - { name: Finder, kind: lease, token: an-example-that-you-replace-by-your-own }

TOKEN=an-example-that-you-replace-by-your-own python3 examples/lease_worker.py README.md
"""
import json
import os
import signal
import sys
import time
from http.client import HTTPException
from urllib.request import Request, urlopen

DELIVERIES = os.environ.get('COLLOQUY_URL', 'http://localhost:8000') + '/api/chat/bot/deliveries/'
HEADERS = {'authorization': f"Bearer {os.environ['TOKEN']}", 'content-type': 'application/json'}


def post(path, body):
    with urlopen(Request(DELIVERIES + path, json.dumps(body).encode(), HEADERS), timeout=60) as response:
        return json.load(response)


def answer(message):
    # A file may come without a text.
    words = message['text'].strip().lower()
    with open(sys.argv[1], encoding='utf-8') as file:
        lines = [line for line in file if words and words in line.lower()]
    text = ''.join(lines)[:4000] or 'There is nothing.'
    return [{'type': 'T', 'text': text, 'quoted_message_id': message['id']}]


def handle(delivery):
    settled = {'lease_id': delivery['lease_id']}
    try:
        settled['messages'] = answer(delivery['message'])
    except Exception as error:
        # It comes again after a pause.
        post(f"{delivery['id']}/nack/", {**settled, 'reason': str(error)[:1000]})
    else:
        post(f"{delivery['id']}/ack/", settled)


# SIGTERM, or ctrl-C. What is leased meanwhile comes again when the lease is over.
for number in signal.SIGTERM, signal.SIGINT:
    signal.signal(number, lambda *_: sys.exit())

while True:
    try:
        for delivery in post('lease/', {'wait_s': 30})['deliveries']:
            handle(delivery)
    except (OSError, HTTPException, ValueError) as error:
        # The server is away or refuses, or a proxy answers for it.
        print(error, file=sys.stderr)
        time.sleep(1)
