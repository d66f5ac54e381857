import { ADMIN_TOKEN, push, type TestServer } from './server.js';

/** Observations that are pushed together. */
export interface Observations {
  /** The number of observations up to each bound. The last bound is `+Inf`, whose number includes all observations. */
  readonly upTo: Readonly<Record<string, number>>;
  readonly sum: number;
  readonly timestamp: number;
}

/** Declares a histogram of seconds whose parts are pushed as increases, and pushes observations to it. */
export async function pushHistogram(
  server: Pick<TestServer, 'url'>,
  name: string,
  { upTo, sum, timestamp }: Observations,
  help?: string,
): Promise<void> {
  const declared = await fetch(`${server.url}/api/admin/metrics/${name}`, {
    method: 'PUT',
    headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'histogram', temporality: 'delta', unit: 'seconds', help }),
  });
  if (!declared.ok) throw new Error(`${name}: ${declared.status} ${await declared.text()}`);
  const pushed = await push(server, [
    ...Object.entries(upTo).map(([le, value]) => ({ name: `${name}_bucket`, value, labels: { le }, timestamp })),
    { name: `${name}_count`, value: upTo['+Inf'], timestamp },
    { name: `${name}_sum`, value: sum, timestamp },
  ]);
  if (pushed.status !== 202) throw new Error(`${name}: ${pushed.status} ${await pushed.text()}`);
}
