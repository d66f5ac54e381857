import { ADMIN_TOKEN, getJson, type TestServer } from './server.js';

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

/** Requests a removal. An empty token is not sent. */
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
/** Returns the raw samples of a metric in the history. */
export const samplesOf = (server: TestServer, metric: string) =>
  getJson<Samples>(server, `/api/history/samples?metric=${metric}&limit=10000`);
