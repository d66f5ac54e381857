// Requests /health/live on a new connection every 10 ms. When the parent process asks, reports the longest time until an answer.
// The probe is a separate process, so that the attacks, which are made elsewhere, do not delay it.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [host, port, serverPid] = process.argv.slice(2);
const INTERVAL_MS = 10;
const REQUEST = `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

let longest = { gapMs: 0, queuedMs: 0 };
/** The start of each unanswered probe. In a report, such a probe counts with the time that it has waited so far. */
const waiting = new Set();

/**
 * Returns the milliseconds for which the main thread of a process was ready to run while other threads had the processors.
 * Returns 0 if the system does not report this time.
 */
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
    // A refused probe continues to wait, because for a client, a refusal is no better than a delay.
    else if (tries < 1_000) setTimeout(() => probe(startedAt, queuedBefore, tries + 1), INTERVAL_MS);
  });
}

setInterval(() => {
  // The number of sockets is limited to a few hundred while the server does not answer.
  if (waiting.size < 200) probe();
}, INTERVAL_MS);

process.on('message', () => {
  for (const entry of waiting) note(entry);
  process.send(longest);
  longest = { gapMs: 0, queuedMs: 0 };
});
process.on('disconnect', () => process.exit());
