import assert from 'node:assert/strict';
import { snappyCompress } from 'hysnappy';
import { double, integer, message, text } from './protobuf.mjs';

/** The scopes of routes that receive something. */
const PUSH_SCOPES = new Set(['ingest', 'frontend']);

/** The smallest OTLP message: one gauge `otlp_protobuf` with the value 1. */
const OTLP_PROTOBUF = message(
  1,
  message(2, message(2, [...text(1, 'otlp_protobuf'), ...message(5, message(1, double(4, 1)))])),
);

/** Pushes once to every route that receives something. */
export async function pushEverywhere(ours, host) {
  const pushes = allPushes();
  for (const { method, path, expected, ...options } of pushes) {
    const { status, text: answer } = await ours(path, { method, ...options });
    assert.equal(status, expected, `${method} ${path}: ${answer}\n${host.output}`);
  }
  const refused = await ours('/api/client/metrics/custom', { method: 'POST', body: { metrics: [{ name: 'x' }] } });
  assert.equal(refused.status, 400);
  assert.equal(refused.json.name, 'BadDataError', refused.text);
  return pushes;
}

/**
 * Fails if the app mounts a receiver that got no push, so that a new receiver can't be forgotten here, or if a push went to no
 * receiver.
 *
 * @param routes the routes of the app, with their scopes
 */
export function checkAllPushed(pushes, routes) {
  const receivers = routes.filter(
    ({ method, scope }) => (method === 'POST' || method === 'PUT') && PUSH_SCOPES.has(scope),
  );
  const isPushTo = (push, route) => push.method === route.method && patternOf(route.path).test(pathOf(push));
  const names = (list) => list.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(
    names(receivers.filter((route) => !pushes.some((push) => isPushTo(push, route)))),
    [],
    'The app mounts receivers that got no push. Add one for each to allPushes() in test/hosts/support/pushes.mjs.',
  );
  assert.deepEqual(
    names(pushes.filter((push) => !receivers.some((route) => isPushTo(push, route)))),
    [],
    'The app lists no receiver for these pushes, so its list of routes or their scopes is not what it was.',
  );
}

function allPushes() {
  const impactMetrics = (name) => [{ name, help: 'h', type: 'gauge', samples: [{ value: 2 }] }];
  const posted = (path, body, expected, contentType) => {
    const headers = contentType === undefined ? {} : { 'Content-Type': contentType };
    return { method: 'POST', path, body, headers, expected };
  };
  const put = (...parts) => ({ ...posted(...parts), method: 'PUT' });
  const custom = (value, more) => ({ metrics: [{ name: 'pushed_total', value, labels: { a: 'b' }, ...more }] });
  const otlp = { name: 'otlp_json', gauge: { dataPoints: [{ asInt: 2 }] } };
  const sdk = { appName: 'shop', instanceId: 'i' };
  return [
    posted('/api/client/metrics/custom', custom(3, { other: 1 }), 202),
    posted('/api/client/metrics/custom?slow', custom(4), 202),
    posted('/api/client/register', sdk, 202),
    posted('/api/client/metrics', { ...sdk, impactMetrics: impactMetrics('unleash_level') }, 202),
    posted(
      '/api/client/metrics/bulk',
      { applications: [], metrics: [], impactMetrics: impactMetrics('edge_level') },
      202,
    ),
    posted('/api/frontend', { context: {} }, 200),
    posted('/api/frontend/client/register', sdk, 200),
    posted('/api/frontend/client/metrics', { ...sdk, impactMetrics: impactMetrics('frontend_level') }, 200),
    posted('/v1/metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [otlp] }] }] }, 200),
    posted('/v1/metrics', Buffer.from(OTLP_PROTOBUF), 200, 'application/x-protobuf'),
    { ...remoteWrite(), method: 'POST', path: '/api/v1/write', expected: 204 },
    posted('/api/push', 'page_level 5\n', 202, 'text/plain'),
    put('/metrics/job/nightly', 'group_level 6\n', 200, 'text/plain'),
    put('/metrics/job@base64/d2Vla2x5', 'group_level 7\n', 200, 'text/plain'),
    posted('/metrics/job/hourly', 'group_level 8\n', 200, 'text/plain'),
    posted('/metrics/job@base64/ZGFpbHk', 'group_level 9\n', 200, 'text/plain'),
  ];
}

/** One series of Prometheus' remote write 1.0: `written_level{instance="far"}` with the value 4, now. */
function remoteWrite() {
  const label = (name, value) => message(1, [...text(1, name), ...text(2, value)]);
  const sample = message(2, [...double(1, 4), ...integer(2, Date.now())]);
  const series = message(1, [...label('__name__', 'written_level'), ...label('instance', 'far'), ...sample]);
  return {
    body: Buffer.from(snappyCompress(Uint8Array.from(series))),
    headers: {
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    },
  };
}

function pathOf({ path }) {
  return path.split('?', 1)[0];
}

/** Returns the expression that matches the paths of a route of Express. */
function patternOf(route) {
  const parts = route.split('/').map((part) => {
    if (part.startsWith('*')) return '.+';
    return part.startsWith(':') ? '[^/]+' : part.replaceAll(/[^\w-]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join('/')}$`);
}
