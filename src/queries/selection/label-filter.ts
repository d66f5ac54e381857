import { escapeLabelValue, labelNameToText, labelsFromText, labelValueIn } from '../../catalog/series/label-set.js';
import type { Series } from '../../catalog/series/series.js';
import { BadDataError } from '../../http/answers/errors.js';
import { queriedLabelName } from '../../outside-text/escaped-name.js';
import type { NameValidation } from '../../outside-text/name.js';

/** The values that one label may have. An empty value means that the label is absent. */
interface LabelRule {
  /** If there are any, the label must have one of these values. */
  readonly anyOf: Set<string>;
  /** The values that the label must not have. */
  readonly noneOf: Set<string>;
}

/** The conditions on the labels of a series: one rule for each label name. */
export type LabelFilter = ReadonlyMap<string, LabelRule>;

/**
 * Reads `name=value` and `name!=value` texts. Values of the same name are alternatives, and a series must have none of the
 * excluded values; the conditions on different names must all be met. A name that contains `=` or ends with `!` must be written
 * with its characters escaped as numbers, as in `U__a_3d_b=1`.
 *
 * @throws BadDataError
 */
export function parseLabelFilter(texts: readonly string[], nameValidation: NameValidation): LabelFilter {
  const filter = new Map<string, LabelRule>();
  for (const [index, text] of texts.entries()) {
    const equals = text.indexOf('=');
    const isExcluded = text[equals - 1] === '!';
    const name = queriedLabelName(text.slice(0, Math.max(isExcluded ? equals - 1 : equals, 0)), nameValidation);
    if (name === undefined) {
      throw new BadDataError([
        {
          path: `/query/label/${index}`,
          message: `The \`/query/label/${index}\` property must be name=value or name!=value, for example label=status=200.`,
        },
      ]);
    }
    const rule = filter.get(name) ?? { anyOf: new Set(), noneOf: new Set() };
    (isExcluded ? rule.noneOf : rule.anyOf).add(text.slice(equals + 1));
    filter.set(name, rule);
  }
  return filter;
}

/**
 * Returns a test for the labels of series. It first searches the text of the labels. That is enough to decide about most series,
 * so their labels need not be parsed.
 */
export function matcherOf(filter: LabelFilter): (series: Series) => boolean {
  if (filter.size === 0) return () => true;
  const rules = [...filter].map(([name, { anyOf, noneOf }]) => ({
    name,
    anyOf,
    noneOf,
    wantedTexts: anyOf.size === 0 ? undefined : textsOf(name, anyOf),
    excludedTexts: anyOf.size === 0 ? textsOf(name, noneOf) : undefined,
  }));
  return ({ labelsText }) => {
    for (const { wantedTexts } of rules) {
      if (wantedTexts !== undefined && !occursIn(labelsText, wantedTexts)) return false;
    }
    let labels: Record<string, string> | undefined;
    for (const { name, anyOf, noneOf, excludedTexts } of rules) {
      if (excludedTexts !== undefined && !occursIn(labelsText, excludedTexts)) continue;
      labels ??= labelsFromText(labelsText);
      const value = labelValueIn(labels, name);
      if ((anyOf.size > 0 && !anyOf.has(value)) || noneOf.has(value)) return false;
    }
    return true;
  };
}

function occursIn(labelsText: string, texts: readonly string[]): boolean {
  return texts.some((text) => labelsText.includes(text));
}

/** Returns the label with each of the values, as it is written in the labels of a series; undefined if it may be absent. */
function textsOf(name: string, values: ReadonlySet<string>): readonly string[] | undefined {
  if (values.has('')) return undefined;
  return [...values].map((value) => `${labelNameToText(name)}="${escapeLabelValue(value)}"`);
}
