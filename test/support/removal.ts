import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_TOKEN, getJson, type TestServer } from './server.js';

export const SECOND = 1_000;

/** A net for what never comes: every process knows of a removal after a fraction of a second, and on a busy machine later. */
const LIMIT_MS = 20 * SECOND;

interface Removal {
  metric: string;
  dryRun: boolean;
  seriesCount: number;
  sampleCount: number;
  chunkCount: number;
}

interface Samples {
  samples: { labels: Record<string, string>; value: number }[];
}

/** Asks for a removal, with or without a dry run. */
export async function remove(
  server: TestServer,
  pathAndQuery: string,
  token: string | undefined = ADMIN_TOKEN,
): Promise<{ status: number; body: Removal & { message: string; details: { path: string; message: string }[] } }> {
  const response = await fetch(`${server.url}/api/admin/metrics/${pathAndQuery}`, {
    method: 'DELETE',
    headers: token === '' ? {} : { Authorization: token },
  });
  return { status: response.status, body: (await response.json()) as never };
}
/** The raw samples of a metric in the history. */
export const samplesOf = (server: TestServer, metric: string) =>
  getJson<Samples>(server, `/api/history/samples?metric=${metric}&limit=10000`);

/** Asks until it is so; false if it does not come to that. */
export async function comesTrue(check: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + LIMIT_MS; ; await sleep(25)) {
    if (await check()) return true;
    if (Date.now() > end) return false;
  }
}
