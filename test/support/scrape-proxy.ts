import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The request and answer of one scrape. */
export interface RecordedScrape {
  readonly accept: string | undefined;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly page: string;
}

/** A proxy between a Prometheus and an exposition. */
export interface ScrapeProxy {
  readonly url: string;
  /** The answered scrapes, oldest first. */
  readonly scrapes: readonly RecordedScrape[];
  stop(): Promise<void>;
}

/**
 * Starts a proxy that passes scrapes on and records them.
 *
 * @param accept replaces the `Accept` header of Prometheus, because old versions have no setting for the format
 */
export async function startScrapeProxy(page: string, accept?: string): Promise<ScrapeProxy> {
  const scrapes: RecordedScrape[] = [];
  const server = createServer((request, response) => {
    const asked = accept ?? request.headers.accept;
    fetch(page, { headers: asked === undefined ? {} : { Accept: asked } })
      .then(async (answer) => {
        const contentType = answer.headers.get('content-type') ?? undefined;
        const text = await answer.text();
        scrapes.push({ accept: request.headers.accept, status: answer.status, contentType, page: text });
        response.writeHead(answer.status, contentType === undefined ? {} : { 'Content-Type': contentType });
        response.end(text);
      })
      .catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(page).pathname}`,
    scrapes,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
