import { escapeLabelValue, labelNameToText, labelsFromText, labelValueIn } from '../../catalog/series/label-set.js';
import type { Series } from '../../catalog/series/series.js';
import { BadDataError } from '../../http/answers/errors.js';
import { queriedLabelName } from '../../outside-text/escaped-name.js';
import type { NameValidation } from '../../outside-text/name.js';

/** The labels that a series must have: for each name, one of the values. An empty value means that the label is absent. */
export type LabelFilter = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads `name=value` texts. Values of the same name are alternatives; different names must all match. A name that contains `=`
 * must be escaped by its values, as in `U__a_3d_b=1`.
 *
 * @throws BadDataError
 */
export function parseLabelFilter(texts: readonly string[], nameValidation: NameValidation): LabelFilter {
  const filter = new Map<string, Set<string>>();
  for (const [index, text] of texts.entries()) {
    const equals = text.indexOf('=');
    const name = queriedLabelName(text.slice(0, Math.max(equals, 0)), nameValidation);
    if (name === undefined) {
      throw new BadDataError([
        {
          path: `/query/label/${index}`,
          message: `The \`/query/label/${index}\` property must be name=value, for example label=status=200.`,
        },
      ]);
    }
    const values = filter.get(name) ?? new Set();
    filter.set(name, values.add(text.slice(equals + 1)));
  }
  return filter;
}

/**
 * Returns a test for the labels of series. A search in the text of the labels comes first, because most series fail it and their
 * labels need not be parsed.
 */
export function matcherOf(filter: LabelFilter): (series: Series) => boolean {
  if (filter.size === 0) return () => true;
  const wanted = [...filter].map(([name, values]) => ({
    name,
    values,
    texts: values.has('')
      ? undefined
      : [...values].map((value) => `${labelNameToText(name)}="${escapeLabelValue(value)}"`),
  }));
  return ({ labelsText }) => {
    for (const { texts } of wanted) if (texts?.every((text) => !labelsText.includes(text))) return false;
    const labels = labelsFromText(labelsText);
    return wanted.every(({ name, values }) => values.has(labelValueIn(labels, name)));
  };
}
