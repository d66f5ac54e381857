import { PromqlError } from '../../../promql/evaluation/errors.js';
import { splitView } from '../../../promql/evaluation/series/selector-view.js';
import type { Expression, LabelMatcher } from '../../../promql/syntax/ast.js';
import { DEFAULT_MAX_QUERY_LENGTH, parse, parseMatchers } from '../../../promql/syntax/parser/parser.js';
import { PromqlSyntaxError } from '../../../promql/syntax/promql-syntax.error.js';
import { RegexAllowance } from '../../../promql/syntax/matcher/regex-allowance.js';
import { invalidParameter, PrometheusError } from '../answers/prometheus.error.js';
import type { RequestParameters } from './request-parameters.js';

/**
 * Maximum number of selectors in one request. Grafana sends one or two; each costs a search through the series of its metrics.
 */
const MAX_SELECTORS = 100;

/**
 * Parses a query.
 *
 * @throws PrometheusError
 */
export function parseQueryParameter(query: string): Expression {
  return refusing('query', () => parse(query));
}

/**
 * Reads the selectors in `match[]`. Their `__view__` matcher is dropped, because labels are the same in each view.
 *
 * @throws PrometheusError
 */
export function selectorsOf(parameters: RequestParameters): readonly (readonly LabelMatcher[])[] {
  const texts = parameters.all('match[]');
  if (texts.length > MAX_SELECTORS) {
    throw invalidParameter('match[]', `it is given ${texts.length} times, the limit is ${MAX_SELECTORS}`);
  }
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length > DEFAULT_MAX_QUERY_LENGTH) {
    const reason = `the selectors have ${length} characters together, the limit is ${DEFAULT_MAX_QUERY_LENGTH}`;
    throw invalidParameter('match[]', reason);
  }
  const regexes = new RegexAllowance();
  return texts.map((text) => refusing('match[]', () => splitView(parseMatchers(text, { regexes }), 'held').matchers));
}

function refusing<T>(parameter: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PromqlSyntaxError) throw invalidParameter(parameter, error.message);
    if (error instanceof PromqlError) throw new PrometheusError('bad_data', error.message);
    throw error;
  }
}
