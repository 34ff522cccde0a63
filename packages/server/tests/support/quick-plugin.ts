/** A version 2 plugin that starts as quickly as Python does, and ends as soon as it is told. */
export const QUICK_PLUGIN = `#!/usr/bin/python3 -SE
import sys, os
name = os.path.basename(sys.argv[0])[:-7]
if "--metadata" in sys.argv:
    print('{"id": "%s", "name": "Quick", "version": "1", "icon": "box", "route": "/%s", "protocol": 2}' % (name, name))
    sys.exit()
import _socket, _json
listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
listener.bind(os.environ["TORU_PLUGIN_SOCKET"])
listener.listen(1)
connection = _socket.socket(fileno=listener._accept()[0])
print("connected", flush=True)
def text(message, field):
    at = message.index(b'"' + field + b'":"') + len(field) + 4
    return message[at : message.index(b'"', at)]
def answer(message):
    if b'"shutdown"' in message:
        os._exit(0)
    action = b"ready" if b'"init"' in message else b"pong"
    reply = (b'{"type":"lifecycle","timestamp":"2026-01-01T00:00:00Z","request_id":"' + text(message, b"request_id")
        + b'","payload":{"action":"' + action + b'","features":[]}}')
    connection.send(len(reply).to_bytes(4, "big") + reply)
data = b""
while True:
    while len(data) >= 4 and len(data) >= 4 + int.from_bytes(data[:4], "big"):
        end = 4 + int.from_bytes(data[:4], "big")
        answer(data[4:end])
        data = data[end:]
    chunk = connection.recv(65536)
    if not chunk:
        break
    data += chunk
`;
