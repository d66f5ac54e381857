import fc from 'fast-check';
import protobuf from 'protobufjs';
import { PrometheusError } from '../answers/prometheus.error.js';
import { decodeReadRequest } from './read-request.js';

const ReadRequest = protobuf
  .parse(
    `syntax = "proto3";
     message ReadRequest { repeated Query queries = 1; repeated int32 accepted_response_types = 2; }
     message Query { int64 start_timestamp_ms = 1; int64 end_timestamp_ms = 2; repeated LabelMatcher matchers = 3; ReadHints hints = 4; }
     message LabelMatcher { int32 type = 1; string name = 2; string value = 3; }
     message ReadHints { int64 step_ms = 1; string func = 2; int64 start_ms = 3; int64 end_ms = 4; repeated string grouping = 5; bool by = 6; int64 range_ms = 7; }`,
    { keepCase: true },
  )
  .root.lookupType('ReadRequest');

function encoded(request: object): Uint8Array {
  return ReadRequest.encode(ReadRequest.fromObject(request)).finish();
}

function matching(type: number, value: string): Uint8Array {
  return encoded({ queries: [{ matchers: [{ type, name: 'a', value }] }] });
}

describe('decodeReadRequest', () => {
  it('reads what Prometheus sends', () => {
    const request = {
      queries: [
        {
          start_timestamp_ms: 1_700_000_000_000,
          end_timestamp_ms: 1_700_003_600_000,
          matchers: [
            { type: 0, name: '__name__', value: 'up' },
            { type: 3, name: 'job', value: 'a|b' },
          ],
          hints: {
            step_ms: 15_000,
            func: 'rate',
            start_ms: 1,
            end_ms: 2,
            grouping: ['job'],
            by: true,
            range_ms: 300_000,
          },
        },
        { start_timestamp_ms: -1 },
      ],
      accepted_response_types: [1, 0],
    };
    expect(decodeReadRequest(encoded(request), 100)).toEqual([
      {
        startMs: 1_700_000_000_000,
        endMs: 1_700_003_600_000,
        matchers: [
          { label: '__name__', operator: '=', value: 'up' },
          { label: 'job', operator: '!~', value: 'a|b' },
        ],
        stepMs: 15_000,
        rangeMs: 300_000,
      },
      { startMs: -1, endMs: 0, matchers: [], stepMs: 0, rangeMs: 0 },
    ]);
  });

  it.each([
    ['an invalid regular expression', matching(2, '(')],
    ['an unknown type of matcher', matching(4, 'a')],
    ['more queries than the limit', encoded({ queries: Array.from({ length: 101 }, () => ({})) })],
    ['half a message', encoded({ queries: [{ start_timestamp_ms: 5, end_timestamp_ms: 6 }] }).subarray(0, 3)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeReadRequest(bytes, 100)).toThrow(PrometheusError);
  });

  it('names the setting that limits the number of queries', () => {
    const three = encoded({ queries: [{}, {}, {}] });
    expect(decodeReadRequest(three, 3)).toHaveLength(3);
    expect(() => decodeReadRequest(three, 2)).toThrow('more than 2 queries, the limit (PROMQL_MAX_READ_QUERIES)');
  });

  it('reads or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeReadRequest(bytes, 100);
        } catch (error) {
          expect(error).toBeInstanceOf(PrometheusError);
        }
      }),
    );
  });
});
