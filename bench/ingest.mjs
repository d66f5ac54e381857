// Compares durable ingest with the parse server by measuring them in turn in one run: npm run bench -- ingest [seconds] [rounds]
import { makeBodies } from './bodies.mjs';
import { load } from './load.mjs';
import { median } from './median.mjs';
import { createDatabase, startParseServer, startService } from './processes.mjs';

const CONNECTIONS = 32;
const SIZES = [
  { samples: 100, aim: 0.5 },
  { samples: 1_000, aim: 0.6 },
  { samples: 1, aim: 0.35 },
];

export async function run([seconds = '4', rounds = '3']) {
  const database = await createDatabase();
  const parse = await startParseServer();
  const service = await startService(database.url);
  try {
    console.log('samples/request  parse server req/s  service req/s  service samples/s  p99 ms  ratio   aim');
    for (const { samples, aim } of SIZES) {
      const bodies = makeBodies(samples);
      await load(service.url, bodies, CONNECTIONS, 3);
      await load(parse.url, bodies, CONNECTIONS, 1);
      const measured = { parse: [], service: [], p99: [] };
      for (let round = 0; round < Number(rounds); round++) {
        measured.parse.push((await load(parse.url, bodies, CONNECTIONS, Number(seconds))).perSecond);
        const { perSecond, failed, p99 } = await load(service.url, bodies, CONNECTIONS, Number(seconds));
        if (failed > 0) throw new Error(`${failed} requests failed`);
        measured.service.push(perSecond);
        measured.p99.push(p99);
      }
      const [parsed, served] = [median(measured.parse), median(measured.service)];
      console.log(
        [
          String(samples).padStart(15),
          parsed.toFixed(0).padStart(18),
          served.toFixed(0).padStart(14),
          (served * samples).toFixed(0).padStart(18),
          median(measured.p99).toFixed(0).padStart(7),
          (served / parsed).toFixed(2).padStart(6),
          `≥ ${aim}`.padStart(6),
        ].join(' '),
      );
    }
  } finally {
    await service.stop();
    await parse.stop();
    await database.drop();
  }
}
