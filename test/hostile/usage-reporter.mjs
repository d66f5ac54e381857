// Writes a line to the file HOSTILE_USAGE_FILE every 50 ms, with the longest time that the event loop was blocked since the
// last line, and the memory in use. This module is loaded into the server with --import. The data is written to a file, because
// a request for the data would be part of the load.
import { openSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const TICK_MS = 5;
const LINE_MS = 50;

if (isMainThread && process.env.HOSTILE_USAGE_FILE) {
  const file = openSync(process.env.HOSTILE_USAGE_FILE, 'a');
  let tickedAt = performance.now();
  let writtenAt = tickedAt;
  let longestMs = 0;
  setInterval(() => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - tickedAt - TICK_MS);
    tickedAt = now;
    if (now - writtenAt < LINE_MS) return;
    writtenAt = now;
    const { heapUsed, rss, external } = process.memoryUsage();
    writeSync(file, `${JSON.stringify({ heldMs: longestMs, heapUsed, rss, external })}\n`);
    longestMs = 0;
  }, TICK_MS).unref();
}
