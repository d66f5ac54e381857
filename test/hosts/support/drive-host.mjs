import assert from 'node:assert/strict';
import { checkAllPushed, pushEverywhere } from './pushes.mjs';

// Other hosts are being installed meanwhile, so on a busy machine a commit waits long for the disk.
const REQUEST_MS = 120_000;

/** Pushes through every receiver, reads through every API, and uses the package from the app's own code. */
export async function driveHost(host, { way = {}, checkOwn } = {}) {
  const { prefix = '', ownPrefix = prefix, ownHeaders, ownAnswer = (answer) => answer } = way;
  const call = callerOf(host.url);
  const inside = async (path, method = 'GET', body) => {
    const {
      status,
      json,
      text: answer,
    } = await call(`${ownPrefix}/inside/${path}`, { method, body, headers: ownHeaders });
    assert.ok(status === 200 || status === 201, `${path}: ${status} ${answer}\n${host.output}`);
    return ownAnswer(json);
  };
  const { secret } = await inside('token', 'POST');
  const ours = (path, options) =>
    call(`${prefix}${path}`, { ...options, headers: { Authorization: secret, ...options?.headers } });
  assert.deepEqual(await inside('echo', 'POST', { own: [1] }), { own: [1] });

  checkAllPushed(await pushEverywhere(ours, host), await inside('routes'));
  assert.deepEqual(await inside('record', 'POST'), { accepted: 1, reasons: ['value_invalid'] });
  await scrape(ours, host);
  await askHistory(ours, host);
  assert.deepEqual(await inside('history'), {
    names: ['inside_pushed'],
    values: [2],
    samples: [7],
    sum: 2,
    csvLines: 3,
    instant: ['2'],
    steps: 2,
    reason: 'not_found',
  });
  await checkOwn?.(call);
  // A request without a token is refused by all of our routes, except perhaps by the exposition.
  for (const path of ['/metrics', '/api/history/metrics', '/api/v1/query?query=1']) {
    const { status } = await call(`${prefix}${path}`);
    assert.ok(path === '/metrics' ? [200, 401].includes(status) : status === 401, `${path} without a token: ${status}`);
  }
}

async function scrape(ours, host) {
  const { status, text: page } = await ours('/metrics');
  assert.equal(status, 200, `${page}\n${host.output}`);
  for (const line of [
    'pushed_total{a="b"} 7',
    'otlp_json 2',
    'otlp_protobuf 1',
    'page_level 5',
    'group_level{job="nightly"} 6',
    'group_level{job="weekly"} 7',
    'group_level{job="hourly"} 8',
    'group_level{job="daily"} 9',
    'inside_total{way="counter"} 2',
    'inside_level 5',
    'inside_seconds_bucket{le="1"} 1',
    'inside_pushed 7',
  ]) {
    assert.ok(page.includes(`\n${line}\n`), `/metrics has no line ${line}:\n${page}`);
  }
  assert.match(page, /^unleash_level\{.*\} 2$/m);
  assert.match(page, /^edge_level\{.*\} 2$/m);
  assert.match(page, /^frontend_level\{.*\} 2$/m);
  // The exposition leaves out what came by remote write, because a Prometheus that scrapes it would send it back.
  assert.doesNotMatch(page, /^written_level/m);
  // The metrics of the service itself are in the registry of the host's prom-client.
  assert.match(page, /^custom_metrics_/m);
}

async function askHistory(ours, host) {
  const samples = await ours('/api/history/samples?metric=pushed_total');
  assert.deepEqual(
    samples.json?.samples?.map(({ value }) => value),
    [3, 4],
    `${samples.text}\n${host.output}`,
  );
  const csv = await ours('/api/history/samples?metric=pushed_total', { headers: { Accept: 'text/csv' } });
  assert.match(csv.text, /^metric,at,value,a\r\npushed_total,.*,3,b\r\n/);
  const points = await ours('/api/history/query?metric=pushed_total&aggregate=sum&step=1d&from=-1d&groupBy=a');
  const sum = points.json?.series?.[0]?.points.reduce((total, { value }) => total + value, 0);
  assert.equal(sum, 7, points.text);
  const instant = await ours('/api/v1/query?query=sum(pushed_total)');
  assert.equal(instant.json?.data?.result?.[0]?.value[1], '7', `${instant.text}\n${host.output}`);
  const form = {
    method: 'POST',
    body: 'query=pushed_total',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  };
  const byForm = await ours('/api/v1/query', form);
  assert.equal(byForm.json?.data?.result?.[0]?.value[1], '7', byForm.text);
  await askWritten(ours, host);
  const now = Math.floor(Date.now() / 1_000);
  const range = await ours(`/api/v1/query_range?query=pushed_total&start=${now - 1}&end=${now + 1}&step=1`);
  assert.equal(range.json?.data?.resultType, 'matrix', range.text);
}

/** Asks for the series that was pushed by remote write. */
async function askWritten(ours, host) {
  const written = await ours('/api/v1/query?query=written_level');
  assert.deepEqual(
    written.json?.data?.result?.map(({ metric, value }) => [metric, value[1]]),
    [[{ __name__: 'written_level', instance: 'far' }, '4']],
    `${written.text}\n${host.output}`,
  );
  const samples = await ours('/api/history/samples?metric=written_level');
  assert.deepEqual(
    samples.json?.samples?.map(({ value }) => value),
    [4],
    `${samples.text}\n${host.output}`,
  );
}

function callerOf(url) {
  return async (path, { method = 'GET', body, headers = {} } = {}) => {
    const isPlain = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
    const response = await fetch(`${url}${path}`, {
      method,
      body: isPlain ? body : JSON.stringify(body),
      headers: { ...(isPlain ? {} : { 'Content-Type': 'application/json' }), ...headers },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const answer = await response.text();
    let json;
    try {
      json = JSON.parse(answer);
    } catch {
      // Not every answer is JSON.
    }
    return { status: response.status, headers: response.headers, text: answer, json };
  };
}
