// Asks /health/live on a new connection every 10 ms, and tells its parent the longest time until an answer. It is a process of
// its own, so that the attacks, which are made elsewhere, do not delay it.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [host, port, serverPid] = process.argv.slice(2);
const INTERVAL_MS = 10;
const REQUEST = `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

let longest = { gapMs: 0, queuedMs: 0 };
/** When each unanswered probe began; one that gets no answer counts as long as it lasts. */
const waiting = new Set();

/** Milliseconds that a thread has been ready to run while other threads had the processors; 0 where Linux does not say. */
function queuedMsOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

function note({ startedAt, queuedBefore }) {
  const gapMs = performance.now() - startedAt;
  if (gapMs <= longest.gapMs) return;
  const queuedMs = queuedMsOf(serverPid) - queuedBefore.server + queuedMsOf(process.pid) - queuedBefore.probe;
  longest = { gapMs, queuedMs: Math.max(0, queuedMs) };
}

function probe(
  startedAt = performance.now(),
  queuedBefore = { server: queuedMsOf(serverPid), probe: queuedMsOf(process.pid) },
  tries = 0,
) {
  const entry = { startedAt, queuedBefore };
  waiting.add(entry);
  let answer = '';
  const socket = connect({ host, port: Number(port) }, () => socket.write(REQUEST));
  socket.on('data', (bytes) => (answer += bytes));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    waiting.delete(entry);
    if (answer.startsWith('HTTP/1.1 200')) note(entry);
    // A refused probe goes on waiting: for whoever asks, it makes no difference.
    else if (tries < 1_000) setTimeout(() => probe(startedAt, queuedBefore, tries + 1), INTERVAL_MS);
  });
}

setInterval(() => {
  // Not more than a few hundred sockets while the server stands still.
  if (waiting.size < 200) probe();
}, INTERVAL_MS);

process.on('message', () => {
  for (const entry of waiting) note(entry);
  process.send(longest);
  longest = { gapMs: 0, queuedMs: 0 };
});
process.on('disconnect', () => process.exit());
