"""A bot with an address: the server posts each message to it, signed. It needs nothing but Python.

  bots:
    - { name: Python, kind: webhook, url: 'http://localhost:8082/', secrets: [whsec_c3VycHJpc2Ugc3VycHJpc2Ugc3VycHJpc2U=] }

SECRET=whsec_c3VycHJpc2Ugc3VycHJpc2Ugc3VycHJpc2U= PORT=8082 python3 examples/webhook_bot.py
"""
import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ['SECRET'].removeprefix('whsec_'))


def is_genuine(headers, body):
    """Standard Webhooks: each signature is 'v1,' and an HMAC of id, time and body; the time is less than five minutes away."""
    message_id, timestamp, signatures = (headers.get(f'webhook-{name}', '') for name in ('id', 'timestamp', 'signature'))
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    digest = hmac.new(KEY, f'{message_id}.{timestamp}.'.encode() + body, hashlib.sha256).digest()
    expected = b'v1,' + base64.b64encode(digest)
    return any(hmac.compare_digest(expected, signature.encode()) for signature in signatures.split(' '))


class Bot(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('content-length', 0)))
        if not is_genuine(self.headers, body):
            self.send_error(401)
            return
        message = json.loads(body)['message']
        answer = {'type': 'T', 'text': f"You said: {message['text']}", 'quoted_message_id': message['id']}
        self.send_response(200)
        self.send_header('content-type', 'application/json')
        self.end_headers()
        self.wfile.write(json.dumps({'messages': [answer]}).encode())


server = ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Bot)
print(f'Listening on http://127.0.0.1:{server.server_port}/', flush=True)
server.serve_forever()
