"""Reads one exposition per line, as JSON, and answers each with its families or with the error.

With the argument "serve", it does so for any number of connections on a port of 127.0.0.1, which it prints. It ends with its input.
"""

import json
import socketserver
import sys
import threading

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text


def answer_to(line):
    asked = json.loads(line)
    try:
        parse = openmetrics if asked['format'] == 'openmetrics' else text
        families = [
            {
                'name': family.name,
                'type': family.type,
                'help': family.documentation,
                'unit': family.unit,
                'samples': [sample.name for sample in family.samples],
            }
            for family in parse(asked['page'])
        ]
        return json.dumps({'families': families})
    except Exception as error:
        return json.dumps({'error': type(error).__name__ + ': ' + str(error)})


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write((answer_to(line) + '\n').encode())


if sys.argv[1:] == ['serve']:
    server = socketserver.ThreadingTCPServer(('127.0.0.1', 0), Connection)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
else:
    for line in sys.stdin:
        print(answer_to(line), flush=True)
