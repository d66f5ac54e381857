import { ADMIN_TOKEN, type TestServer } from './server.js';

/** The answer to a rename. */
export interface Rename {
  readonly metric: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly isReplay: boolean;
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  readonly seriesCount: number;
  readonly note: string;
}

/** Requests a rename. */
export async function rename(
  server: Pick<TestServer, 'url'>,
  metric: string,
  to: unknown,
  { query = '', token = ADMIN_TOKEN }: { readonly query?: string; readonly token?: string } = {},
): Promise<{ status: number; body: Rename & { readonly message: string } }> {
  const response = await fetch(`${server.url}/api/admin/metrics/${encodeURIComponent(metric)}/rename${query}`, {
    method: 'POST',
    headers: { Authorization: token, 'Content-Type': 'application/json' },
    body: JSON.stringify({ to }),
  });
  return { status: response.status, body: (await response.json()) as never };
}
