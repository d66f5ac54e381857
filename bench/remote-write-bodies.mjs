// Creates requests of remote write as Prometheus sends them: every series once in each scrape, in bodies of a fixed number of samples,
// and the series of a shard always on the same connection and in the order of time.
import { snappyCompress } from 'hysnappy';
import protobuf from 'protobufjs/minimal.js';
import { TOKEN } from './processes.mjs';

const TARGETS = 100;
const METRICS = [
  'http_requests_total',
  'http_request_bytes_total',
  'jobs_done_total',
  'queue_length',
  'cache_hits_total',
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const CODES = ['200', '204', '404', '500', '503'];

const CONTENT_TYPES = {
  '1.0': 'application/x-protobuf',
  '2.0': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
};
const VERSION_HEADERS = { '1.0': '0.1.0', '2.0': '2.0.0' };
const HELP = 'The number of these since the start of the process.';

/** Returns the labels of series in the order in which Prometheus writes them. */
export function makeSeries(count) {
  const perTarget = count / TARGETS;
  return Array.from({ length: count }, (_, index) => {
    const target = Math.floor(index / perTarget);
    const number = index % perTarget;
    const name = METRICS[number % METRICS.length];
    return {
      isCounter: name.endsWith('_total'),
      labels: [
        ['__name__', name],
        ['cluster', 'production-eu-central-1'],
        ['code', CODES[Math.floor(number / 20) % CODES.length]],
        ['instance', `10.4.${Math.floor(target / 10)}.${100 + (target % 10)}:9100`],
        ['job', `service-${target % 8}`],
        ['method', METHODS[Math.floor(number / 5) % METHODS.length]],
        ['namespace', `team-${target % 5}`],
        ['pod', `service-${target % 8}-7d9c5b6f4-${target.toString(36).padStart(5, 'x')}`],
        ['route', `/api/v1/resource/${number}`],
      ],
    };
  });
}

/** Returns the values of all series in one scrape. */
function scrape(series, values) {
  for (let index = 0; index < series.length; index++) {
    if (series[index].isCounter) values[index] += Math.floor(Math.random() * 20);
    else values[index] = Math.round(Math.random() * 1e5) / 100;
  }
}

/**
 * Returns the requests of each shard, for scrapes every 15 seconds.
 *
 * @param values the values of the series before the first scrape; they are changed to those of the last one
 * @param startMs the time of the first scrape
 * @returns one list of requests, in their order, for each shard
 */
export function makeRequests({ series, values, startMs, scrapes, stepMs, shards, samplesPerBody, version }) {
  const encode = version === '1.0' ? encodeFirst : encodeSecond;
  const requests = Array.from({ length: shards }, () => []);
  const waiting = Array.from({ length: shards }, () => []);
  const flush = (shard) => {
    requests[shard].push(requestOf(snappyCompress(encode(waiting[shard])), version));
    waiting[shard] = [];
  };
  for (let number = 0; number < scrapes; number++) {
    scrape(series, values);
    for (let index = 0; index < series.length; index++) {
      const shard = index % shards;
      waiting[shard].push({ ...series[index], value: values[index], at: startMs + number * stepMs });
      if (waiting[shard].length === samplesPerBody) flush(shard);
    }
  }
  for (let shard = 0; shard < shards; shard++) if (waiting[shard].length > 0) flush(shard);
  return requests;
}

function requestOf(body, version) {
  const head =
    'POST /api/v1/write HTTP/1.1\r\nHost: bench\r\nContent-Encoding: snappy\r\n' +
    `Content-Type: ${CONTENT_TYPES[version]}\r\nUser-Agent: bench\r\n` +
    `X-Prometheus-Remote-Write-Version: ${VERSION_HEADERS[version]}\r\n` +
    `Authorization: Bearer ${TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const sample = (writer, { value, at }) =>
  writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(at).ldelim();

function encodeFirst(samples) {
  const writer = protobuf.Writer.create();
  for (const each of samples) {
    writer.uint32(0x0a).fork();
    for (const [name, value] of each.labels) {
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
    }
    sample(writer, each).ldelim();
  }
  return writer.finish();
}

function encodeSecond(samples) {
  const symbols = new Map([['', 0]]);
  const referenceOf = (text) => {
    if (!symbols.has(text)) symbols.set(text, symbols.size);
    return symbols.get(text);
  };
  const timeSeries = protobuf.Writer.create();
  for (const each of samples) {
    timeSeries.uint32(0x2a).fork().uint32(0x0a).fork();
    for (const text of each.labels.flat()) timeSeries.uint32(referenceOf(text));
    timeSeries.ldelim();
    sample(timeSeries, each);
    timeSeries
      .uint32(0x2a)
      .fork()
      .uint32(0x08)
      .uint32(each.isCounter ? 1 : 2)
      .uint32(0x18)
      .uint32(referenceOf(HELP));
    timeSeries.ldelim().ldelim();
  }
  const table = protobuf.Writer.create();
  for (const symbol of symbols.keys()) table.uint32(0x22).string(symbol);
  return Buffer.concat([table.finish(), timeSeries.finish()]);
}
