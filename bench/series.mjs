// Measures the memory that a process needs for each known series, and how much of it is the text of the labels. The garbage
// collector must be exposed: node --expose-gc bench/run.mjs series [count]
import path from 'node:path';
import { DIST } from './processes.mjs';

const { CatalogIndex } = await import(path.join(DIST, 'src/catalog/catalog-index.js'));
const { LiveValues } = await import(path.join(DIST, 'src/live-values/live-values.js'));

const SERIES_PER_METRIC = 1_000;

function usedBytes() {
  for (let round = 0; round < 3; round++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapUsed, arrayBuffers };
}

export function run([count = '100000']) {
  if (globalThis.gc === undefined) throw new Error('Run it as: node --expose-gc bench/run.mjs series');
  const series = Number(count);
  const before = usedBytes();
  const index = new CatalogIndex();
  const values = new LiveValues();
  let textBytes = 0;
  for (let id = 1; id <= series; id++) {
    const metricId = Math.ceil(id / SERIES_PER_METRIC);
    if (index.findMetricById(metricId) === undefined) {
      index.addMetric({ id: metricId, name: `metric_${metricId}_total`, type: 'counter', created_at: new Date(0) });
    }
    const labelsText = ['region="eu"', `route="/r/${id}"`, `instance="host-${id % 50}"`].join(',');
    textBytes += labelsText.length;
    index.addSeries({
      id,
      metric_id: metricId,
      labels_text: labelsText,
      temporality: 'delta',
      created_by_token_id: 1,
      created_at_ms: Date.now() + id,
    });
    values.apply({
      series: [index.findSeriesById(id)],
      values: new Float64Array(1),
      timestamps: null,
      receivedAt: 1,
      writerId: 1,
      sequence: id,
    });
  }
  const after = usedBytes();
  if (!values.has(index.findSeriesById(series))) throw new Error('The last series has no value.');
  const perSeries = (key) => ((after[key] - before[key]) / series).toFixed(0);
  console.log(
    `${series} series: ${perSeries('heapUsed')} bytes of heap each and ${perSeries('arrayBuffers')} beside the heap; ` +
      `${(textBytes / series).toFixed(0)} of them are labels; estimated: ${(index.bytes / series).toFixed(0)}`,
  );
}
