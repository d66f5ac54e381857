import { request } from '../../api/requests.js';
import type { CreatedToken } from '../../api/types.js';

/** Lifetime of the token of a test push, in case it can't be revoked. */
const TOKEN_LIFE_MS = 5 * 60_000;

/** Pushes a metric as a program would: with a token of its own, which is revoked afterwards. */
export async function sendTestPush(): Promise<void> {
  const { id, token } = await request<CreatedToken>('/api/admin/tokens', {
    method: 'POST',
    json: {
      name: 'test push of the explorer',
      scopes: ['ingest'],
      expiresAt: new Date(Date.now() + TOKEN_LIFE_MS).toISOString(),
    },
  });
  try {
    await request('/api/client/metrics/custom', {
      method: 'POST',
      authorization: token,
      json: { metrics: [{ name: 'my_first_metric', value: 1, type: 'counter', help: 'A test push of the explorer' }] },
    });
  } finally {
    await request(`/api/admin/tokens/${id}`, { method: 'DELETE' }).catch(() => undefined);
  }
}
