import { completeOptions, type CustomMetricsModuleOptions } from '../custom-metrics.options.js';
import { InvalidOptionsError } from './invalid-options.error.js';

function refusalOf(given: unknown): InvalidOptionsError {
  try {
    completeOptions(given as CustomMetricsModuleOptions);
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error;
    throw error;
  }
  throw new Error('The options were accepted.');
}

describe('the options of a host', () => {
  it('may be left out', () => {
    const options = completeOptions({});
    expect(options.store).toMatchObject({
      waitMs: 5_000,
      queueSamples: 2_000_000,
      retentionDays: 90,
      retentionConfirmedBefore: 0,
    });
    expect(options.tokens).toMatchObject({ seeds: [], keeper: undefined, failuresPerMinute: 60, maxSenders: 1_000 });
    expect(options.series.memoryPerTokenLimitBytes).toBe(Math.floor(options.series.memoryLimitBytes / 2));
    expect(options.ingest.cacheMemoryBytes).toBeGreaterThan(0);
  });

  it('do not include settings of the server', () => {
    expect(Object.keys(completeOptions({}))).not.toContain('database');
    expect(completeOptions({}).exposition).not.toHaveProperty('port');
  });

  it('replace defaults one by one, while an explicit undefined replaces none', () => {
    const { store, exposition, series } = completeOptions({
      store: { retentionDays: 30, waitMs: undefined },
      exposition: undefined,
      series: { memoryLimitBytes: 4_194_304 },
    });
    expect(store).toMatchObject({ retentionDays: 30, waitMs: 5_000 });
    expect(exposition.auth).toBe('none');
    expect(series.memoryPerTokenLimitBytes).toBe(2_097_152);
  });

  it.each([
    ['store', 'retentionDays', NaN],
    ['store', 'retentionDays', 0],
    ['store', 'retentionDays', '30'],
    ['store', 'retentionDays', null],
    ['store', 'retentionConfirmedBefore', NaN],
    ['ingest', 'counterTemporality', 'both'],
    ['ingest', 'maxBodyBytes', Infinity],
    ['ingest', 'pushgatewayPaths', 'yes'],
    ['exposition', 'gaugeIdleHideSeconds', -1],
    ['archive', 'chunkPeriodSeconds', 7 * 3600],
    ['otlp', 'promoteResourceAttributes', 'host.name'],
    ['unleash', 'upstreamUrl', 'ftp://unleash.example.com'],
    ['tokens', 'seeds', [{ secret: '', kind: 'admin' }]],
    ['tokens', 'keeper', {}],
  ])('are refused for %s.%s = %j', (group, name, value) => {
    expect(refusalOf({ [group]: { [name]: value } }).problems.map(({ path }) => path)).toEqual([`${group}.${name}`]);
  });

  it('are refused with every problem at once: the option, its value and what is allowed', () => {
    const given = {
      store: { retentionDays: NaN, retentionDay: 30 },
      ingest: { maxSamples: 20 },
      retentionDays: 30,
      histori: {},
      promql: 5,
      colour: 'blue',
    };
    expect(refusalOf(given).message).toBe(
      [
        "6 options of CustomMetricsModule can't be used:",
        '  store.retentionDays: found NaN; allowed: a whole number from 1 to 36500',
        '  store.retentionDay: is not an option; did you mean store.retentionDays?',
        '  retentionDays: is not an option; did you mean store.retentionDays?',
        '  histori: is not an option; did you mean history?',
        '  promql: found 5; allowed: an object with gridSeconds, gaugeTimeToLiveSeconds, counterTimeToLiveSeconds, ' +
          'lookbackSeconds, timeoutSeconds, maxSamples, maxSeries, maxPoints, maxReadQueries, queriesPerToken, workers, ' +
          'workerMemoryBytes, selectorMemoryBytes, expressionMemoryBytes, workerFile, readSums',
        '  colour: is not an option',
        'See docs/settings.md of nestjs-custom-metrics for every option, its default and what it does.',
      ].join('\n'),
    );
  });

  it('are refused when one contradicts another, unless that one was refused already', () => {
    expect(refusalOf({ ingest: { maxSamples: 20 }, store: { queueSamples: 19 } }).problems).toEqual([
      {
        path: 'store.queueSamples',
        message: 'found 19; allowed: at least ingest.maxSamples (now 20), or a full request could never be accepted',
      },
    ]);
    expect(refusalOf({ ingest: { maxSamples: NaN }, store: { queueSamples: 19 } }).problems).toHaveLength(1);
  });

  it.each([undefined, null, 5, 'text', []])('are refused when they are %j', (given) => {
    expect(refusalOf(given).message).toContain('allowed: an object');
  });

  it('never show a secret', () => {
    const { message } = refusalOf({
      unleash: { upstreamUrl: 'https://user:hunter2@unleash.example.com' },
      tokens: { seeds: [{ secret: 'hunter2', kind: 'owner' }] },
    });
    expect(message).not.toContain('hunter2');
    expect(message).toContain('tokens.seeds: found ***;');
  });

  it('are shown with a bounded length', () => {
    const { message } = refusalOf({ ['x'.repeat(100_000)]: 1, store: { retentionDays: 'y'.repeat(100_000) } });
    expect(message.length).toBeLessThan(600);
  });
});
