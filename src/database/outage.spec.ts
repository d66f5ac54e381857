import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage, isOutcomeUnknown, otherServerOf, waitOutOutage } from './outage.js';
import { StoreWait } from './store-wait.js';

describe('an outage', () => {
  test.each(['EMFILE', 'ENFILE'])(
    'includes a lack of file descriptors (%s), after which no statement was sent',
    (code) => {
      const error = Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });
      expect(isOutage(error)).toBe(true);
      expect(isOutcomeUnknown(error)).toBe(false);
    },
  );

  test.each([
    ['ERROR', '53100', 'could not extend file "base/1/2": No space left on device'],
    ['FATAL', '53300', 'sorry, too many clients already'],
    ['FATAL', '28P01', 'password authentication failed for user "service"'],
    ['FATAL', '3D000', 'database "metrics" does not exist'],
    ['ERROR', '25006', 'cannot execute INSERT in a read-only transaction'],
    ['FATAL', '57P03', 'the database system is not accepting connections'],
    ['FATAL', 'XX000', 'could not write init file'],
  ])('includes a server that reports %s %s (%s), which has stored nothing', (severity, code, message) => {
    const error = Object.assign(new Error(message), { severity, code });
    expect(isOutage(error)).toBe(true);
    expect(isOutcomeUnknown(error)).toBe(false);
  });

  test.each([
    [
      '08006',
      'connection to the remote node metrics@worker-1:5432 failed with the following error: timeout',
      undefined,
    ],
    ['08006', 'could not establish any connections to the node worker-1:5432 after 30000 ms', undefined],
    ['XX000', 'failure on connection marked as essential: worker-1:5432', undefined],
    ['XX000', 'SSL SYSCALL error: EOF detected', 'while executing command on worker-1:5432'],
  ])('includes a server of a distributed table that is away, and names it (%s, %s)', (code, message, where) => {
    const error = Object.assign(new Error(message), { severity: 'ERROR', code, where });
    expect(isOutage(error)).toBe(true);
    expect(isOutcomeUnknown(error)).toBe(true);
    expect(otherServerOf(error)).toBe('worker-1:5432');
  });

  test('includes a statement on a distributed table during which Postgres is killed', () => {
    const error = Object.assign(new Error('postmaster was shut down, exiting'), { severity: 'ERROR', code: 'XX000' });
    expect(isOutage(error)).toBe(true);
  });

  test('does not include another internal error', () => {
    const error = Object.assign(new Error('unexpected node'), { severity: 'ERROR', code: 'XX000' });
    expect(isOutage(error)).toBe(false);
  });

  test('does not include a statement that is wrong', () => {
    const error = Object.assign(new Error('syntax error at or near "x"'), { severity: 'ERROR', code: '42601' });
    expect(isOutage(error)).toBe(false);
  });
});

describe('a wait of no time', () => {
  it('still lets a statement end that needs a moment, and repeats none', async () => {
    await expect(waitOutOutage(() => sleep(20, 'answer'), 0)).resolves.toBe('answer');
    const failing = jest.fn(() => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })));
    await expect(waitOutOutage(failing, 0)).rejects.toThrow('refused');
    expect(failing).toHaveBeenCalledTimes(1);
  });
});

describe('the wait of a request with very many steps', () => {
  it('ends, although each step is answered within the least time that it gets', async () => {
    const waitMs = 5_000;
    let now = performance.now();
    const begun = now;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    try {
      const wait = new StoreWait();
      const step = () => {
        now += 400;
        return Promise.resolve();
      };
      const steps = async () => {
        for (let index = 0; index < 1_000; index++) await waitOutOutage(step, waitMs, wait);
      };
      await expect(steps()).rejects.toThrow('in time');
      // Quick answers count as work for a minute, and after that as waiting.
      expect(now - begun).toBeGreaterThan(60_000);
      expect(now - begun).toBeLessThan(60_000 + 3 * waitMs);
    } finally {
      clock.mockRestore();
    }
  });
});
