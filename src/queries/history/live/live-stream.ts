import type { ServerResponse } from 'node:http';
import type { LiveSelection, ReceivedSamples } from './received-samples.js';

/** The pause after which a silent stream sends a comment, so that proxies do not close the connection. */
const HEARTBEAT_MS = 15_000;

/** The connection of a client that reads nothing for this long is closed. */
const STALLED_MS = 60_000;

/**
 * Maximum age of a stream. The client then connects again. This gives a guard of the host the chance to refuse it, because the
 * guard checks a request only when it begins.
 */
const MAX_AGE_MS = 3_600_000;

/** The pause that clients should make before they connect again. */
const RECONNECT_MS = 2_000;

/** The data of an event after which the client has to query all values again. */
const ANYTHING = '{"metrics":[],"truncated":true}';

/**
 * One stream of server-sent events. If its client reads slowly, events are dropped instead of buffered, so the stream needs no
 * more memory than one event. The next event then tells the client that it has missed something.
 */
export class LiveStream {
  private readonly openedAt = performance.now();
  private writtenAt = this.openedAt;
  private hasMissed = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly selection: LiveSelection,
  ) {
    response.on('drain', () => this.sendMissed());
  }

  /** Sends the headers and the first event. From this event on, the client learns of every metric that receives samples. */
  begin(now: Date): void {
    this.response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      // Without `no-transform`, a compressing middleware or proxy would hold events back until it has enough data to compress.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    this.write(`retry: ${RECONNECT_MS}\nevent: ready\ndata: ${JSON.stringify({ at: now.toISOString() })}\n\n`);
  }

  /** Tells the client which of its metrics have received samples, if any. */
  tell(received: ReceivedSamples): void {
    const data = received.dataFor(this.selection);
    if (data === undefined) return;
    if (this.response.writableNeedDrain) this.hasMissed = true;
    else this.writeSamples(data);
  }

  /** Sends a heartbeat if it is due, and closes the connection of a client that reads nothing. */
  keepAlive(): void {
    const now = performance.now();
    if (this.response.writableNeedDrain) {
      if (now - this.writtenAt > STALLED_MS) this.response.destroy();
    } else if (now - this.writtenAt > HEARTBEAT_MS) this.write(': heartbeat\n\n');
  }

  get isTooOld(): boolean {
    return performance.now() - this.openedAt > MAX_AGE_MS;
  }

  /** Ends the stream immediately, even if its client reads nothing. */
  end(): void {
    if (this.response.writableNeedDrain) this.response.destroy();
    else this.response.end();
  }

  private sendMissed(): void {
    if (!this.hasMissed || this.response.writableEnded) return;
    this.hasMissed = false;
    this.writeSamples(ANYTHING);
  }

  private writeSamples(data: string): void {
    this.write(`event: samples\ndata: ${data}\n\n`);
  }

  private write(text: string): void {
    this.writtenAt = performance.now();
    this.response.write(text);
  }
}
