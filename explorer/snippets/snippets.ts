/** A way to push, with a program that does it. */
export interface Snippet {
  id: string;
  /** The name of the tab. */
  name: string;
  /** The language of the program. */
  language: 'sh' | 'js' | 'python';
  /** A note to read before running the program. */
  note: string;
  /** The page of the documentation with further details. */
  docs: string;
  /** Whether clients of this kind send running totals. Their token then needs the temporality `cumulative`. */
  sendsTotals?: boolean;
  /** The group of routes that the service must offer for this way to push. */
  routes: string;
  write: (target: Target) => string;
}

/** The address and the token that a program uses. Without a token, the program reads the environment variable INGEST_TOKEN. */
export interface Target {
  url: string;
  token: string | null;
}

/** All ways to push that the page shows. The names of all pushed metrics begin with `my`, so a person can find them again. */
export const SNIPPETS: readonly Snippet[] = [
  {
    id: 'curl',
    name: 'curl',
    language: 'sh',
    note: 'For a first try, and for shell scripts. The value is the increase since the last push.',
    docs: 'push',
    routes: 'push',
    write: ({ url, token }) => `curl -i -X POST ${shell(`${url}/api/client/metrics/custom`)} \\
  -H ${shellHeader(token, '')} -H 'Content-Type: application/json' \\
  -d '{"metrics":[{"name":"my_orders_total","value":3,"labels":{"country":"de"}}]}'`,
  },
  {
    id: 'node',
    name: 'Node',
    language: 'js',
    note: 'npm install custom-metrics-client. It adds up in your process, and sends every few seconds, each batch exactly once.',
    docs: 'client',
    routes: 'push',
    write: ({ url, token }) => `import { MetricsClient } from 'custom-metrics-client';

const metrics = new MetricsClient({
  url: ${text(url)},
  token: ${token === null ? 'process.env.INGEST_TOKEN' : text(token)},
});
const orders = metrics.counter('my_orders_total', { help: 'Orders that were paid' });
const queueDepth = metrics.gauge('my_queue_depth', { help: 'Jobs that wait' });

orders.add(3, { country: 'de' });
queueDepth.set(17, { queue: 'mails' });
await metrics.close(); // at shutdown: sends what is left`,
  },
  {
    id: 'python',
    name: 'Python',
    language: 'python',
    note: 'Needs no package.',
    docs: 'push',
    routes: 'push',
    write: ({ url, token }) => `import json, os, urllib.request

batch = {"metrics": [
    {"name": "my_orders_total", "value": 3, "labels": {"country": "de"}},
    {"name": "my_queue_depth", "value": 17, "type": "gauge", "help": "Jobs that wait"},
]}
request = urllib.request.Request(
    ${text(`${url}/api/client/metrics/custom`)},
    data=json.dumps(batch).encode(),
    headers={
        "Authorization": ${token === null ? 'os.environ["INGEST_TOKEN"]' : text(token)},
        "Content-Type": "application/json",
    },
)
print(urllib.request.urlopen(request).status)  # 202`,
  },
  {
    id: 'otlp',
    name: 'OpenTelemetry',
    language: 'js',
    note: 'Every SDK and the Collector can send here over OTLP/HTTP. This is the one for Node: npm install @opentelemetry/sdk-metrics @opentelemetry/exporter-metrics-otlp-proto',
    docs: 'opentelemetry',
    routes: 'otlp',
    write: ({ url, token }) => `import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const exporter = new OTLPMetricExporter({
  url: ${text(`${url}/v1/metrics`)},
  headers: { Authorization: ${token === null ? '`Bearer ${process.env.INGEST_TOKEN}`' : text(`Bearer ${token}`)} },
});
const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
provider.getMeter('shop').createCounter('my.orders').add(3, { country: 'de' });
await provider.shutdown(); // at the end: sends what is left`,
  },
  {
    id: 'unleash',
    name: 'Unleash SDK',
    language: 'js',
    note: 'Impact metrics of an Unleash SDK: change its URL and its token. Flags can still come from Unleash (UNLEASH_UPSTREAM_URL).',
    docs: 'unleash',
    routes: 'unleash',
    write: ({ url, token }) => `import { initialize } from 'unleash-client';

const unleash = initialize({
  url: ${text(`${url}/api/`)},
  appName: 'shop',
  customHeaders: { Authorization: ${token === null ? 'process.env.INGEST_TOKEN' : text(token)} },
});
unleash.impactMetrics.defineCounter('my_purchases', 'Number of purchases');
unleash.impactMetrics.incrementCounter('my_purchases', 3);
await unleash.destroyWithFlush(); // at shutdown: sends what is left`,
  },
  {
    id: 'pushgateway',
    name: 'Pushgateway',
    language: 'sh',
    note: 'Clients of Prometheus’ Pushgateway change their address and send the token as password. They send running totals, so their token needs the temporality “cumulative”.',
    docs: 'pushgateway',
    sendsTotals: true,
    routes: 'pushgateway',
    write: ({ url, token }) => `cat <<'EOF' | curl -i ${shellUser(token)} -X PUT --data-binary @- \\
  ${shell(`${url}/metrics/job/backup/instance/db1`)}
# TYPE my_backup_bytes gauge
my_backup_bytes 73400320
EOF`,
  },
];

/** Quotes a text for a shell, so that nothing in it is run as a command. */
function shell(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

function shellHeader(token: string | null, scheme: string): string {
  return token === null ? `"Authorization: ${scheme}$INGEST_TOKEN"` : shell(`Authorization: ${scheme}${token}`);
}

function shellUser(token: string | null): string {
  return token === null ? '-u "jobs:$INGEST_TOKEN"' : `-u ${shell(`jobs:${token}`)}`;
}

/** Writes a text as a string literal that is valid in both JavaScript and Python. */
function text(value: string): string {
  return JSON.stringify(value);
}
