// Measures the bytes per sample and the speed of the block codec, without a database: npm run bench -- codec [series] [rounds]
import path from 'node:path';
import { DIST } from './processes.mjs';
import { makeSeries, SHAPES, targetOf } from './shapes.mjs';

const load = (file) => import(path.join(DIST, 'src/sample-store/archive/block', file));
const { BlockEncoder } = await load('block-encoder.js');
const { BlockDecoder } = await load('block-decoder.js');

const SEED = 7;
const BUCKET = 64;

/** Returns the CPU time of this process, which other processes on the machine disturb less than the elapsed time. */
function cpuMicroseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function nanosecondsPerSample(startedAt, samples) {
  return ((cpuMicroseconds() - startedAt) * 1000) / samples;
}

function encodeAll(encoder, buckets) {
  return buckets.map((bucket) => encoder.encode(bucket));
}

/** @returns the number of samples */
function decodeAll(decoder, blocks, times, values) {
  let samples = 0;
  for (const [id, block] of blocks.entries()) {
    decoder.open({ ...block, id, bucket: id, packed: [{ from: 0, bytes: block.packed }] });
    for (let member = 0; member < BUCKET; member++)
      samples += decoder.decode(member, -Infinity, Infinity, times, values, 0);
  }
  return samples;
}

function measure(shape, seriesCount, rounds) {
  const series = makeSeries(shape, seriesCount, SEED);
  const buckets = Array.from({ length: Math.ceil(seriesCount / BUCKET) }, (_, bucket) =>
    series.slice(bucket * BUCKET, (bucket + 1) * BUCKET),
  );
  const samples = series.reduce((sum, { times }) => sum + times.length, 0);
  const longest = Math.max(...series.map(({ times }) => times.length));
  const times = new Float64Array(longest);
  const values = new Float64Array(longest);
  const encoder = new BlockEncoder();
  const decoder = new BlockDecoder();
  const blocks = encodeAll(encoder, buckets);
  const bytes = blocks.reduce((sum, { directory, packed }) => sum + directory.length + packed.length, 0);
  const repeats = Math.ceil(200_000 / samples);
  const best = { encode: Infinity, decode: Infinity };
  for (let round = 0; round < rounds; round++) {
    let startedAt = cpuMicroseconds();
    for (let repeat = 0; repeat < repeats; repeat++) encodeAll(encoder, buckets);
    best.encode = Math.min(best.encode, nanosecondsPerSample(startedAt, samples * repeats));
    startedAt = cpuMicroseconds();
    let decoded = 0;
    for (let repeat = 0; repeat < repeats; repeat++) decoded += decodeAll(decoder, blocks, times, values);
    best.decode = Math.min(best.decode, nanosecondsPerSample(startedAt, samples * repeats));
    if (decoded !== samples * repeats) throw new Error(`${decoded} samples instead of ${samples * repeats}`);
  }
  return { samples, bytes, ...best };
}

export function run([series = '192', rounds = '7']) {
  console.log(`${'shape'.padEnd(50)} entropy  payload  target  encode  decode`);
  for (const shape of SHAPES) {
    const { samples, bytes, encode, decode } = measure(shape, Number(series), Number(rounds));
    const columns = [
      (shape.entropy?.toFixed(2) ?? '').padStart(7),
      (bytes / samples).toFixed(3).padStart(8),
      (targetOf(shape.name)?.toFixed(1) ?? '').padStart(7),
      encode.toFixed(1).padStart(7),
      decode.toFixed(1).padStart(7),
    ];
    console.log(`${shape.name.padEnd(50)} ${columns.join(' ')}`);
  }
  console.log('entropy, payload and target in bytes a sample; encode and decode in ns a sample, the best round');
}
