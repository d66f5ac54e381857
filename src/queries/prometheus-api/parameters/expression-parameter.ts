import { PromqlError } from '../../../promql/evaluation/errors.js';
import { splitView } from '../../../promql/evaluation/series/selector-view.js';
import type { View } from '../../../promql/evaluation/series/series-source.js';
import type { Expression, LabelMatcher } from '../../../promql/syntax/ast.js';
import { DEFAULT_MAX_QUERY_LENGTH, parse, parseMatchers } from '../../../promql/syntax/parser/parser.js';
import { PromqlSyntaxError } from '../../../promql/syntax/promql-syntax.error.js';
import { RegexAllowance } from '../../../promql/syntax/matcher/regex-allowance.js';
import { invalidParameter, PrometheusError } from '../answers/prometheus.error.js';
import type { RequestParameters } from './request-parameters.js';

/**
 * Maximum number of selectors in one request. Grafana sends one or two, and each costs a search through the series of its
 * metrics.
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

/** The matchers of a selector, and the view that it chooses. */
export interface ViewedSelector {
  readonly matchers: readonly LabelMatcher[];
  readonly view: View;
}

/**
 * Reads the selectors in `match[]`.
 *
 * @param view the view of selectors that do not choose one
 * @throws PrometheusError
 */
export function selectorsOf(parameters: RequestParameters, view: View): readonly ViewedSelector[] {
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
  return texts.map((text) => refusing('match[]', () => splitView(parseMatchers(text, { regexes }), view)));
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
