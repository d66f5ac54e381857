import { MetricsClient } from './metrics-client.js';
import type { MetricsClientOptions } from './metrics-client.options.js';

describe('MetricsClient', () => {
  test.each<[Partial<MetricsClientOptions>, string]>([
    [{ url: 'metrics.example.org' }, 'url'],
    [{ url: 'ftp://metrics.example.org' }, 'url'],
    [{ token: '' }, 'token'],
    [{ token: 'two\nlines' }, 'token'],
    [{ token: undefined }, 'token'],
    [{ labels: { a: {} as never } }, 'labels'],
    [{ intervalMs: 0 }, 'intervalMs'],
    [{ maxBatchSamples: 1.5 }, 'maxBatchSamples'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs'],
  ])('refuses the options %p immediately', (options, name) => {
    const usable = { url: 'http://127.0.0.1:1', token: 'secret' };
    expect(() => new MetricsClient({ ...usable, ...options })).toThrow(new RegExp(`^MetricsClient: ${name} must be`));
  });
});
