// An app that measures with the OpenTelemetry SDK for Node.js. The app is a separate process, because the exporters import
// modules at run time, which jest's CommonJS can't do.
//
// OTEL_APP is the JSON of { app, url, token, temporality, encoding, compression, exports }. The app prints the warnings of the
// SDK.
import { diag } from '@opentelemetry/api';
import { AggregationTemporalityPreference, OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as OTLPProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const AN_HOUR_MS = 3_600_000;

const { app, url, token, temporality, encoding, compression, exports = [] } = JSON.parse(process.env.OTEL_APP);

/** The apps, with the measurements that each makes before each of its exports. */
const APPS = {
  shop: {
    resource: {
      'service.namespace': 'shop',
      'service.name': `${temporality}-${encoding}`,
      'service.instance.id': 'i-1',
      'host.name': 'h-1',
      'process.command_args': ['node', 'app.js'],
    },
    measures: [(meter) => measureShop(meter, 1, 5), (meter) => measureShop(meter, 2, -7)],
  },
  // Each element of `exports` is the list of values that are recorded before one export.
  exponential: {
    resource: { 'service.name': `${temporality}-${encoding}` },
    views: [{ instrumentName: 'spread', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
    measures: exports.map((values) => (meter) => {
      const spread = meter.createHistogram('spread', { unit: 's' });
      for (const value of values) spread.record(value);
    }),
  },
  documented: { measures: [(meter) => meter.createCounter('documented').add(4)] },
  replayed: { measures: [(meter) => meter.createCounter('replayed.protobuf').add(3)] },
};

function measureShop(meter, factor, opened) {
  const card = { 'pay.method': 'card' };
  meter.createCounter('orders.placed', { unit: '{order}' }).add(2.5 * factor, card);
  meter.createUpDownCounter('carts.open').add(opened, card);
  meter.createGauge('room.temperature', { unit: 'Cel', description: 'How warm it is' }).record(20 + factor);
  const duration = meter.createHistogram('order.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.5, 1, 2.5] },
  });
  for (const seconds of [0.25, 0.75, 4]) duration.record(seconds * factor);
}

const show = (...words) => console.log(words.join(' '));
diag.setLogger({ error: show, warn: show, info() {}, debug() {}, verbose() {} });

const Exporter = encoding === 'json' ? OTLPMetricExporter : OTLPProtobufMetricExporter;
const { DELTA, CUMULATIVE } = AggregationTemporalityPreference;
// Without a URL, all options come from the environment, as docs/opentelemetry.md shows.
const options = url && {
  url,
  headers: { Authorization: `Bearer ${token}` },
  temporalityPreference: temporality === 'delta' ? DELTA : CUMULATIVE,
  compression,
};
const exporter = new Exporter(options);
const { resource = {}, views = [], measures } = APPS[app];
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: AN_HOUR_MS });
const provider = new MeterProvider({ resource: resourceFromAttributes(resource), views, readers: [reader] });
const meter = provider.getMeter('shop', '1.0.0');
for (const measure of measures) {
  measure(meter);
  await provider.forceFlush();
}
// The provider is not shut down, because it would export once more.
process.exit();
