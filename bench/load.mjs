// A load generator that costs next to nothing: requests are whole buffers made beforehand, an answer is read as far as its
// end. On a machine where it shares the cores with what it measures, a generator that builds each request would be what
// is measured.
import net from 'node:net';
import { TOKEN } from './processes.mjs';

const HEADERS_END = '\r\n\r\n';

function requestOf(body) {
  const bytes = Buffer.from(body);
  const head =
    'POST /api/client/metrics/custom HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n' +
    `Authorization: ${TOKEN}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** Where an answer ends; -1 while it is not complete. */
function endOf(text) {
  const bodyStart = text.indexOf(HEADERS_END) + HEADERS_END.length;
  if (bodyStart < HEADERS_END.length) return -1;
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  if (length !== undefined) return text.length >= bodyStart + Number(length) ? bodyStart + Number(length) : -1;
  const end = text.indexOf('0\r\n\r\n', bodyStart);
  return end < 0 ? -1 : end + 5;
}

/**
 * Keeps a number of connections busy, each with one request at a time, for some seconds.
 *
 * @returns {Promise<{ perSecond: number, failed: number, p50: number, p99: number }>} latencies in ms
 */
export async function load(url, bodies, connections, seconds) {
  const { hostname, port } = new URL(url);
  const requests = bodies.map(requestOf);
  const latencies = [];
  let next = 0;
  let failed = 0;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const drive = () =>
    new Promise((resolve, reject) => {
      const socket = net.connect(Number(port), hostname);
      let text = '';
      let sentAt = 0;
      const send = () => {
        sentAt = performance.now();
        if (sentAt >= until) socket.end();
        else socket.write(requests[next++ % requests.length]);
      };
      socket.setNoDelay(true);
      socket.once('connect', send);
      socket.on('data', (chunk) => {
        text += chunk.latin1Slice();
        const end = endOf(text);
        if (end < 0) return;
        if (text.startsWith('HTTP/1.1 202')) latencies.push(performance.now() - sentAt);
        else failed++;
        text = text.slice(end);
        send();
      });
      socket.once('close', resolve);
      socket.once('error', reject);
    });
  await Promise.all(Array.from({ length: connections }, drive));
  const elapsed = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? NaN;
  return { perSecond: latencies.length / elapsed, failed, p50: quantile(0.5), p99: quantile(0.99) };
}
