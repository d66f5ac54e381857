import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Many targets behind one port, each with a page of its own. */
export interface FleetOfTargets {
  /** The static configurations of all targets for one scrape job. */
  readonly staticConfigs: readonly object[];
  /** The number of scrapes of all targets so far. */
  readonly scrapes: number;
  stop(): Promise<void>;
}

/** The value of a counter before the first scrape. */
const BASE = 1e6;

const PAGE = /^\/targets\/(\d{1,6})\/metrics$/;

/**
 * Starts targets whose values change from scrape to scrape. Now and then, a target fails, a counter begins again and a series
 * ends.
 */
export async function startFleetOfTargets(count: number): Promise<FleetOfTargets> {
  const scrapesOf = new Uint32Array(count);
  const server = createServer((request, response) => {
    const target = Number(PAGE.exec(request.url ?? '')?.[1]);
    const scrape = ++scrapesOf[target]!;
    if ((scrape + target) % 23 === 0) response.writeHead(500).end();
    else response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(pageOf(target, scrape));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    staticConfigs: Array.from({ length: count }, (_, target) => ({
      targets: [address],
      labels: {
        __metrics_path__: `/targets/${target}/metrics`,
        instance: `target-${target}`,
        rack: `rack-${target % 40}`,
      },
    })),
    get scrapes() {
      return scrapesOf.reduce((sum, each) => sum + each, 0);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function pageOf(target: number, scrape: number): string {
  const count = BASE + scrape * ((target % 9) + 1);
  const visitors = (scrape + target) % 5 === 0 ? '' : `visitors ${scrape}\n`;
  return `# HELP orders_total Orders
# TYPE orders_total counter
orders_total{kind="a"} ${(scrape % 7) * (target + 1)}
orders_total{kind="b"} ${count}
# TYPE stock gauge
stock ${Math.sin(scrape * target) * 1e3}
# TYPE visitors gauge
${visitors}# TYPE took_seconds histogram
took_seconds_bucket{le="0.5"} ${BASE + scrape}
took_seconds_bucket{le="+Inf"} ${count}
took_seconds_sum ${count / 3}
took_seconds_count ${count}
`;
}
