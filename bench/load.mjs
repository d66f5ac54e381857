// Generates load at very little cost. Requests are complete buffers that were made beforehand, and only the status and the end of
// each answer are read. On a machine where the generator shares the cores with the measured server, a generator that builds each
// request would mostly measure itself.
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

/** Returns the index at which the first answer in a text ends, or -1 if that answer is not complete. */
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
 * @param pauseMs the time for which each connection waits between an answer and its next request
 * @returns {Promise<{ perSecond: number, failed: number, p50: number, p99: number }>} the number of 202 answers per second,
 * the number of other answers, and the latencies of the 202 answers in ms
 */
export async function load(url, bodies, connections, seconds, pauseMs = 0) {
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
        if (pauseMs === 0) send();
        else setTimeout(send, pauseMs);
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
