// Compares remote write with the receivers of Prometheus and VictoriaMetrics, which get the same requests in turn in one run:
// npm run bench -- remote-write [scrapes a round] [rounds] [samples a request]
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { median } from './median.mjs';
import { createDatabase, startService } from './processes.mjs';
import { startPrometheus } from './prometheus-server.mjs';
import { makeRequests, makeSeries } from './remote-write-bodies.mjs';
import { startVictoriaMetrics } from './victoria-metrics-server.mjs';

const SERIES = 10_000;
const SHARDS = 8;
const STEP_MS = 15_000;
const RETRY_MS = 1_000;
/** Rounds that are sent before the first measured one. They create the series, and let the compilers work. */
const WARM_UPS = 2;

const DURABILITY = [
  'What an answer means:',
  '  ours              the samples are committed in Postgres, whose log is flushed to the disk',
  '  Prometheus        the samples are in its write-ahead log, which is not flushed for a request: a crash of the machine loses some',
  '  VictoriaMetrics   the samples are in memory, and on the disk some seconds later',
];

/** Returns the time in seconds for which a process has used a processor. */
function processorSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Sends the requests of a shard over one connection, each after the answer to the one before, and again after a 503 as senders do. */
function drive(url, requests) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname);
    let next = 0;
    let text = '';
    const send = () => (next < requests.length ? socket.write(requests[next]) : socket.end());
    socket.setNoDelay(true);
    socket.once('connect', send);
    socket.on('data', (chunk) => {
      text += chunk.latin1Slice();
      // An answer without a body, which all sides send after a success, ends with its headers.
      if (!text.includes('\r\n\r\n')) return;
      const status = /HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      const isStored = status === '200' || status === '204';
      if (!isStored && status !== '503') socket.destroy(new Error(text));
      text = '';
      if (isStored) next++;
      if (isStored) send();
      else setTimeout(send, RETRY_MS);
    });
    socket.once('close', resolve);
    socket.once('error', reject);
  });
}

async function sendAll({ url, pid }, shards) {
  const busyBefore = processorSeconds(pid);
  const startedAt = performance.now();
  await Promise.all(shards.map((requests) => drive(url, requests)));
  return { seconds: (performance.now() - startedAt) / 1_000, busy: processorSeconds(pid) - busyBefore };
}

async function compare(version, sides, { scrapes, rounds, samplesPerBody }) {
  const series = makeSeries(SERIES);
  const values = new Float64Array(SERIES);
  const total = WARM_UPS + rounds;
  const measured = Object.fromEntries(Object.keys(sides).map((name) => [name, { perSecond: [], busy: [] }]));
  const firstMs = Date.now() - total * scrapes * STEP_MS;
  for (let round = 0; round < total; round++) {
    const startMs = firstMs + round * scrapes * STEP_MS;
    const options = { series, values, startMs, scrapes, stepMs: STEP_MS, shards: SHARDS, samplesPerBody, version };
    const requests = makeRequests(options);
    const names = Object.keys(sides);
    // Every side is first in some of the rounds.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      const { seconds, busy } = await sendAll(sides[name], requests);
      if (round < WARM_UPS) continue;
      measured[name].perSecond.push((SERIES * scrapes) / seconds);
      measured[name].busy.push((busy / (SERIES * scrapes)) * 1e6);
    }
  }
  console.log(`Version ${version}, ${SERIES} series, ${SHARDS} connections, ${samplesPerBody} samples a request`);
  for (const [name, { perSecond, busy }] of Object.entries(measured)) {
    const [least, most] = [Math.min(...perSecond), Math.max(...perSecond)].map((each) => each.toFixed(0));
    const others = Object.entries(measured)
      .filter(([other]) => other !== name && name === 'ours')
      .map(([other, theirs]) => `, ${(median(perSecond) / median(theirs.perSecond)).toFixed(2)} × ${other}`);
    console.log(
      `  ${name.padEnd(16)} ${median(perSecond).toFixed(0).padStart(8)} samples/s (${least} to ${most}), ` +
        `${median(busy).toFixed(2)} µs of processor time a sample in its process${others.join('')}`,
    );
  }
}

export async function run([scrapes = '60', rounds = '5', samplesPerBody = '2000']) {
  const options = { scrapes: Number(scrapes), rounds: Number(rounds), samplesPerBody: Number(samplesPerBody) };
  const peers = { Prometheus: await startPrometheus(), VictoriaMetrics: await startVictoriaMetrics() };
  const installed = Object.fromEntries(Object.entries(peers).filter(([, peer]) => peer !== undefined));
  for (const [name, peer] of Object.entries(peers)) if (peer === undefined) console.log(`${name} is not installed.`);
  try {
    // Installed versions of the peers may be too old for version 2.0.
    for (const [version, others] of [
      ['1.0', installed],
      ['2.0', {}],
    ]) {
      const database = await createDatabase();
      const service = await startService(database.url);
      try {
        await compare(version, { ours: service, ...others }, options);
      } finally {
        await service.stop();
        await database.drop();
      }
    }
    for (const line of DURABILITY) console.log(line);
  } finally {
    for (const peer of Object.values(installed)) await peer.stop();
  }
}
