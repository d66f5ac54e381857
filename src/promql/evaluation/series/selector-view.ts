import type { LabelMatcher } from '../../syntax/ast.js';
import { quoteString } from '../../syntax/lexer/quoted-string.js';
import { PromqlPlanError } from '../errors.js';
import { type View, VIEWS } from './series-source.js';

/** The reserved label of a selector that chooses its view. */
export const VIEW_LABEL = '__view__';

/**
 * Separates the view from the other matchers of a selector.
 *
 * @throws PromqlPlanError for an operator other than `=`, and for a view that does not exist
 */
export function splitView(
  matchers: readonly LabelMatcher[],
  defaultView: View,
): { readonly matchers: readonly LabelMatcher[]; readonly view: View } {
  let view = defaultView;
  const others: LabelMatcher[] = [];
  for (const matcher of matchers) {
    if (matcher.label === VIEW_LABEL) {
      view = viewOf(matcher);
    } else {
      others.push(matcher);
    }
  }
  return { matchers: others, view };
}

function viewOf({ operator, value }: LabelMatcher): View {
  const view = VIEWS.find((known) => known === value);
  if (operator !== '=' || view === undefined) {
    throw new PromqlPlanError(
      `invalid view: ${VIEW_LABEL}${operator}${quoteString(value)}; write ${VIEW_LABEL}="held", "raw" or "delta"`,
    );
  }
  return view;
}
