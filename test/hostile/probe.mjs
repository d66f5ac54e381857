// Asks /health/live on a new connection every 10 ms, and tells its parent the longest time until an answer. It is a process of
// its own, so that the attacks, which are made elsewhere, do not delay it.
import { connect } from 'node:net';

const [host, port] = process.argv.slice(2);
const INTERVAL_MS = 10;
const REQUEST = `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

let longestMs = 0;
/** When each unanswered probe began; one that gets no answer counts as long as it lasts. */
const waiting = new Set();

function probe(startedAt = performance.now(), tries = 0) {
  const entry = { startedAt };
  waiting.add(entry);
  let answer = '';
  const socket = connect({ host, port: Number(port) }, () => socket.write(REQUEST));
  socket.on('data', (bytes) => (answer += bytes));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    waiting.delete(entry);
    if (answer.startsWith('HTTP/1.1 200')) longestMs = Math.max(longestMs, performance.now() - startedAt);
    // A refused probe goes on waiting: for whoever asks, it makes no difference.
    else if (tries < 1_000) setTimeout(() => probe(startedAt, tries + 1), INTERVAL_MS);
  });
}

setInterval(() => {
  // Not more than a few hundred sockets while the server stands still.
  if (waiting.size < 200) probe();
}, INTERVAL_MS);

process.on('message', () => {
  const now = performance.now();
  for (const { startedAt } of waiting) longestMs = Math.max(longestMs, now - startedAt);
  process.send(longestMs);
  longestMs = 0;
});
process.on('disconnect', () => process.exit());
