import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { PeerLag } from '../../sample-store/peers/peer-lag.js';
import type { Sibling } from './messages.js';
import { LOOPBACK, SECRET_HEADER } from './sibling-requests.js';
import type { Siblings } from './siblings.js';

/** Maximum wait for the process that answers scrapes, or for this one to catch up. Then this one answers with what it has. */
const WAIT_MS = 5_000;

const PAUSE_MS = 20;

/** Headers that belong to one connection (RFC 9110, 7.6.1). */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/**
 * Has all scrapes answered by one process of the server. A process learns of the others' samples up to a second later. If the
 * processes took turns, a counter could decrease from one scrape to the next, which Prometheus takes for a restart.
 */
export class ScrapeForwarding {
  private readonly agent = new Agent({ keepAlive: true });

  /** @param isFromSibling returns whether another process has forwarded a request */
  constructor(
    private readonly siblings: Siblings,
    private readonly lag: Pick<PeerLag, 'seconds'>,
    private readonly isFromSibling: (request: IncomingMessage) => boolean,
  ) {}

  /** @returns false if this process has to answer; true if another one has, or if the client is gone or an answer broke off */
  async answerElsewhere(request: Request, response: Response): Promise<boolean> {
    for (const giveUpAt = performance.now() + WAIT_MS; performance.now() < giveUpAt; await sleep(PAUSE_MS)) {
      if (response.destroyed) return true;
      const { scrapedSibling, isScraped } = this.siblings;
      if (isScraped || this.isFromSibling(request)) {
        if (this.hasCaughtUp) return false;
      } else if (scrapedSibling !== undefined && (await this.forward(scrapedSibling, request, response))) return true;
    }
    return false;
  }

  stop(): void {
    this.agent.destroy();
  }

  /** Whether this process shows everything that its predecessor may have shown before it ended. */
  private get hasCaughtUp(): boolean {
    return performance.now() - this.lag.seconds * 1000 >= this.siblings.scrapedSince;
  }

  /** @returns false if the other process has not answered, so that the scrape can still be answered in another way */
  private async forward({ port }: Sibling, request: Request, response: Response): Promise<boolean> {
    const ended = new AbortController();
    const abort = () => ended.abort();
    response.once('close', abort);
    const timeout = setTimeout(abort, WAIT_MS);
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const { method, originalUrl: path } = request;
        const headers = { ...endToEnd(request.headers), [SECRET_HEADER]: this.siblings.secret };
        const { agent } = this;
        httpRequest({ host: LOOPBACK, port, method, path, headers, agent, signal: ended.signal }, resolve)
          .once('error', reject)
          .end();
      });
      clearTimeout(timeout);
      response.writeHead(answer.statusCode!, endToEnd(answer.headers));
      await pipeline(answer, response);
      return true;
    } catch {
      // After the head, nothing but closing the connection can tell the client that the answer is not complete.
      if (response.headersSent) response.destroy();
      return response.headersSent || response.destroyed;
    } finally {
      clearTimeout(timeout);
      response.removeListener('close', abort);
    }
  }
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name)));
}
