import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A target that Prometheus scrapes, whose values change from scrape to scrape. */
export interface ChangingPage {
  readonly url: string;
  /** The number of scrapes so far. */
  readonly scrapes: number;
  stop(): Promise<void>;
}

/** The value of a counter before the first scrape. */
const BASE = 1e6;

/**
 * Starts a target with counters, gauges, histograms and a summary.
 *
 * @param shops the number of values that the label `shop` has
 */
export async function startChangingPage(shops: number): Promise<ChangingPage> {
  let scrapes = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(pageOf(++scrapes, shops));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    get scrapes() {
      return scrapes;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function pageOf(scrape: number, shops: number): string {
  const all = Array.from({ length: shops }, (_, shop) => shop);
  const lines = (head: string, line: (shop: number) => string) => `${head}\n${all.map(line).join('')}`;
  return [
    // The counter starts again from 0 at every seventh scrape.
    lines('# HELP orders_total Orders\n# TYPE orders_total counter', (shop) => {
      return `orders_total{shop="${shop}"} ${(scrape % 7) * (shop + 1)}\n`;
    }),
    lines('# TYPE stock gauge', (shop) => `stock{shop="${shop}"} ${Math.sin(scrape * shop) * 1e3}\n`),
    // Some series come and go, so that Prometheus sends stale markers.
    lines('# TYPE visitors gauge', (shop) => ((scrape + shop) % 5 === 0 ? '' : `visitors{shop="${shop}"} ${scrape}\n`)),
    lines('# TYPE took_seconds histogram', (shop) => {
      const label = `shop="${shop}"`;
      const count = BASE + scrape * (shop + 2);
      return `took_seconds_bucket{${label},le="0.5"} ${BASE + scrape}
took_seconds_bucket{${label},le="+Inf"} ${count}
took_seconds_sum{${label}} ${count / 3}
took_seconds_count{${label}} ${count}
`;
    }),
    `# TYPE waited summary\nwaited{quantile="0.5"} NaN\nwaited_sum ${BASE + scrape}\nwaited_count ${BASE + scrape}\n`,
  ].join('');
}
