import { TINY_OBJECTS } from '../support/multiplying-bodies.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** Number of bodies that are sent at the same time. */
const TOGETHER = 60;

/** Maximum time for an answer. Decoding all bodies one after the other takes ten seconds, and more on a busy machine. */
const ANSWER_TIMEOUT_MS = 100_000;

describe('receivers with a heap of 512 MiB', () => {
  const server = serviceUnderTest({ NODE_OPTIONS: '--max-old-space-size=512' });

  it.each(TINY_OBJECTS.map((each) => [`${each.method} ${each.path} (${each.type})`, each] as const))(
    'bound sixty bodies of the smallest objects at the same time: %s',
    async (_title, { method, path, type, token, body }) => {
      const send = async () => {
        const response = await fetch(server.url + path, {
          method,
          headers: { Authorization: token, 'Content-Type': type },
          body: Buffer.from(body),
          signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        });
        await response.arrayBuffer();
        return response.status;
      };
      const statuses = await Promise.all(Array.from({ length: TOGETHER }, send));
      for (const status of statuses) if (status !== 503) expect(status).toBeLessThan(500);
      expect(server.process.exitCode).toBeNull();
    },
  );
});
