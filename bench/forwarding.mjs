// Measures durable ingest with and without forwarding by remote write, in turn in one run: npm run bench -- forwarding [seconds] [rounds]
// The target accepts everything and does nothing with it, because only what the service needs is measured.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeBodies } from './bodies.mjs';
import { load } from './load.mjs';
import { median } from './median.mjs';
import { createDatabase, READ_TOKEN, startService } from './processes.mjs';

const CONNECTIONS = 32;
const AIM = 0.75;

export async function run([seconds = '10', rounds = '3']) {
  const target = await startTarget();
  const sides = [
    { name: 'without', settings: {} },
    { name: 'with', settings: { REMOTE_WRITE_URL: target.url } },
  ];
  for (const side of sides) {
    side.database = await createDatabase();
    side.service = await startService(side.database.url, side.settings);
    side.measured = [];
  }
  try {
    console.log(
      'samples/request  without samples/s  with samples/s  ratio   aim  forwarded of accepted  lag s after 10 s',
    );
    for (const samples of [100, 1_000]) {
      const bodies = makeBodies(samples);
      for (const { service } of sides) await load(service.url, bodies, CONNECTIONS, 2);
      for (const side of sides) side.measured = [];
      const before = await counts(sides[1].service);
      for (let round = 0; round < Number(rounds); round++) {
        for (const side of sides) {
          const { perSecond, failed } = await load(side.service.url, bodies, CONNECTIONS, Number(seconds));
          if (failed > 0) throw new Error(`${failed} requests failed`);
          side.measured.push(perSecond * samples);
        }
      }
      const after = await counts(sides[1].service);
      await sleep(10_000);
      const { lag } = await counts(sides[1].service);
      const [without, withForwarding] = sides.map(({ measured }) => median(measured));
      console.log(
        [
          String(samples).padStart(15),
          without.toFixed(0).padStart(18),
          withForwarding.toFixed(0).padStart(15),
          (withForwarding / without).toFixed(2).padStart(6),
          `≥ ${AIM}`.padStart(6),
          ((after.forwarded - before.forwarded) / (after.accepted - before.accepted)).toFixed(2).padStart(21),
          lag.toFixed(1).padStart(17),
        ].join(' '),
      );
    }
  } finally {
    for (const { service, database } of sides) {
      await service?.stop();
      await database?.drop();
    }
    await target.stop();
  }
}

async function counts({ url }) {
  const page = await (await fetch(`${url}/metrics`, { headers: { Authorization: READ_TOKEN } })).text();
  const sum = (name) =>
    [...page.matchAll(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return {
    forwarded: sum('custom_metrics_forwarded_samples_total'),
    accepted: sum('custom_metrics_samples_accepted_total'),
    lag: sum('custom_metrics_forwarding_lag_seconds'),
  };
}

async function startTarget() {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/api/v1/write`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
