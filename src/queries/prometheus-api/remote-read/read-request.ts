import { Reader } from 'protobufjs/minimal.js';
import type { LabelMatcher, MatchOperator } from '../../../promql/syntax/ast.js';
import { eachField, endOf } from '../../../http/bodies/protobuf-fields.js';
import { RegexAllowance } from '../../../promql/syntax/matcher/regex-allowance.js';
import { PrometheusError } from '../answers/prometheus.error.js';

/**
 * One query of a remote_read request. Both ends of its range are inclusive, in milliseconds since the epoch.
 *
 * Source of the messages: prompb/remote.proto and prompb/types.proto of Prometheus.
 */
export interface ReadQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly LabelMatcher[];
  /** Step of the enclosing query; 0 means unknown. */
  readonly stepMs: number;
  /** Range of the selector; 0 means none or unknown. */
  readonly rangeMs: number;
}

const MAX_MATCHERS = 100;

const OPERATORS: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/**
 * Decodes a request.
 *
 * @throws PrometheusError
 */
export function decodeReadRequest(bytes: Uint8Array, maxQueries: number): ReadQuery[] {
  try {
    const queries: ReadQuery[] = [];
    const reader = Reader.create(bytes);
    const regexes = new RegexAllowance();
    eachField(reader, reader.len, (field, wireType) => {
      if (field !== 1) reader.skipType(wireType);
      else if (queries.push(decodeQuery(reader, regexes)) > maxQueries) {
        throw new PrometheusError(
          'bad_data',
          `the request has more than ${maxQueries} queries, the limit (PROMQL_MAX_READ_QUERIES)`,
        );
      }
    });
    return queries;
  } catch (error) {
    if (error instanceof PrometheusError) throw error;
    throw new PrometheusError('bad_data', `the body is not a ReadRequest: ${(error as Error).message}`);
  }
}

function decodeQuery(reader: Reader, regexes: RegexAllowance): ReadQuery {
  const query = { startMs: 0, endMs: 0, matchers: [] as LabelMatcher[], stepMs: 0, rangeMs: 0 };
  eachField(reader, endOf(reader), (field, wireType) => {
    if (field === 1) query.startMs = Number(reader.int64());
    else if (field === 2) query.endMs = Number(reader.int64());
    else if (field === 3) {
      if (query.matchers.push(decodeMatcher(reader, regexes)) > MAX_MATCHERS) {
        throw new PrometheusError('bad_data', `a query has more than ${MAX_MATCHERS} matchers, the limit`);
      }
    } else if (field === 4) Object.assign(query, decodeHints(reader));
    else reader.skipType(wireType);
  });
  return query;
}

function decodeMatcher(reader: Reader, regexes: RegexAllowance): LabelMatcher {
  let type = 0;
  let label = '';
  let value = '';
  eachField(reader, endOf(reader), (field, wireType) => {
    if (field === 1) type = reader.int32();
    else if (field === 2) label = reader.string();
    else if (field === 3) value = reader.string();
    else reader.skipType(wireType);
  });
  const operator = OPERATORS[type];
  if (operator === undefined) throw new PrometheusError('bad_data', `invalid matcher type ${type}`);
  const problem = operator.endsWith('~') ? regexes.problemOf(value) : null;
  if (problem !== null) throw new PrometheusError('bad_data', problem);
  return { label, operator, value };
}

function decodeHints(reader: Reader): Pick<ReadQuery, 'stepMs' | 'rangeMs'> {
  const hints = { stepMs: 0, rangeMs: 0 };
  eachField(reader, endOf(reader), (field, wireType) => {
    if (field === 1) hints.stepMs = Number(reader.int64());
    else if (field === 7) hints.rangeMs = Number(reader.int64());
    else reader.skipType(wireType);
  });
  return hints;
}
