import { instantRequestOf, limitOf, rangeRequestOf, viewOf } from './query-request.js';
import { RequestParameters } from './request-parameters.js';

const DEFAULTS = { now: 1_000_000, timeoutMs: 60_000, lookbackMs: 300_000, maxPoints: 11_000 };

function parametersOf(query: string): RequestParameters {
  return RequestParameters.of({ originalUrl: `/?${query}`, body: undefined });
}

describe('instantRequestOf', () => {
  it('has defaults for everything except the query', () => {
    expect(instantRequestOf(parametersOf('query=up'), DEFAULTS)).toEqual({
      query: 'up',
      isRange: false,
      startMs: 1_000_000,
      endMs: 1_000_000,
      stepMs: 0,
      timeoutMs: 60_000,
      lookbackMs: 300_000,
      view: 'held',
      limit: 0,
    });
  });

  it('uses the given parameters', () => {
    expect(
      instantRequestOf(parametersOf('query=up&time=4&timeout=5s&lookback_delta=1m&view=raw&limit=3'), DEFAULTS),
    ).toMatchObject({ startMs: 4_000, endMs: 4_000, timeoutMs: 5_000, lookbackMs: 60_000, view: 'raw', limit: 3 });
  });

  it('limits the timeout to the configured one', () => {
    expect(instantRequestOf(parametersOf('timeout=10m'), DEFAULTS).timeoutMs).toBe(60_000);
  });
});

describe('rangeRequestOf', () => {
  it('accepts seconds and durations', () => {
    expect(rangeRequestOf(parametersOf('query=up&start=0&end=60.5&step=15'), DEFAULTS)).toMatchObject({
      isRange: true,
      startMs: 0,
      endMs: 60_500,
      stepMs: 15_000,
    });
    expect(rangeRequestOf(parametersOf('start=0&end=60&step=1m'), DEFAULTS).stepMs).toBe(60_000);
  });

  it('allows the same number of points as Prometheus', () => {
    expect(() => rangeRequestOf(parametersOf('start=0&end=11000&step=1'), DEFAULTS)).not.toThrow();
  });
});

// The messages are those of Prometheus 3, because tools match them and people search for them.
describe.each([
  ['end=1&step=1', 'invalid parameter "start": cannot parse "" to a valid timestamp'],
  ['start=0&step=1', 'invalid parameter "end": cannot parse "" to a valid timestamp'],
  ['start=2&end=1&step=1', 'invalid parameter "end": end timestamp must not be before start time'],
  ['start=0&end=1', 'invalid parameter "step": cannot parse "" to a valid duration'],
  [
    'start=0&end=1&step=0',
    'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
  ],
  [
    'start=0&end=11001&step=1',
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  ],
  ['start=0&end=1&step=1&timeout=x', 'invalid parameter "timeout": cannot parse "x" to a valid duration'],
  ['start=0&end=1&step=1&limit=-1', 'invalid parameter "limit": limit must be non-negative'],
  [
    'start=0&end=1&step=1&lookback_delta=x',
    'error parsing lookback delta duration: cannot parse "x" to a valid duration',
  ],
  ['start=0&end=1&step=1&view=scraped', 'invalid parameter "view": "scraped" is not one of held, raw and delta'],
])('%s', (query, message) => {
  it("is refused with Prometheus' message", () => {
    expect(() => rangeRequestOf(parametersOf(query), DEFAULTS)).toThrow(
      expect.objectContaining({ message, errorType: 'bad_data', status: 400 }),
    );
  });
});

describe('limitOf and viewOf', () => {
  it('refuse invalid values', () => {
    expect(() => limitOf(parametersOf('limit=x'))).toThrow('invalid parameter "limit"');
    expect(limitOf(parametersOf('limit=7'))).toBe(7);
    expect(viewOf(parametersOf('view=delta'))).toBe('delta');
  });
});
