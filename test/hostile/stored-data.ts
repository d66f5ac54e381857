import { push, type TestServer } from '../support/server.js';

const SERIES_PER_BATCH = 500;
const SAMPLES_PER_SERIES = 6;
const LABELED_SERIES = 100;

/** Stores series and samples, so that attacks on queries have data to read. */
export async function storeData(server: TestServer, seriesCount: number): Promise<void> {
  const now = Date.now();
  for (let start = 0; start < seriesCount; start += SERIES_PER_BATCH) {
    const metrics = [];
    for (let index = start; index < Math.min(seriesCount, start + SERIES_PER_BATCH); index++) {
      const labels = { instance: `instance-${index % 500}`, path: `/path/${index}`, job: `job-${index % 7}` };
      for (let sample = 0; sample < SAMPLES_PER_SERIES; sample++) {
        metrics.push({ name: `stored_${index % 20}`, value: sample, labels, timestamp: now - sample * 60_000 });
      }
    }
    await store(server, metrics);
  }
  // These series have many long labels.
  for (let index = 0; index < LABELED_SERIES; index++) {
    const labels = Object.fromEntries(
      Array.from({ length: 20 }, (_, label) => [`label_${label}`, `${index}漢`.repeat(200)]),
    );
    await store(server, [{ name: 'stored_long_labels', value: 1, labels }]);
  }
}

async function store(server: TestServer, metrics: Record<string, unknown>[]): Promise<void> {
  const response = await push(server, metrics);
  if (response.status !== 202) throw new Error(`Storing data: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}
