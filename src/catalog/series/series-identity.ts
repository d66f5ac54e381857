import { createHash } from 'node:crypto';

/**
 * Returns the hash that identifies a series in the database. The hashed text is different for each series, even if the name of a
 * metric contains a brace: in the text of the labels, every brace is within quotes, so the part after it has an odd number of
 * quotes and can't be the text of other labels.
 */
export function identityOf(metricName: string, labelsText: string): Buffer {
  return createHash('sha256').update(`${metricName}{${labelsText}}`).digest();
}
