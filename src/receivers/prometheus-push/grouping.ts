import { BadDataError } from '../../http/answers/errors.js';
import { isLabelName } from '../../outside-text/name.js';
import { abbreviate } from './exposition-format/sample-line.js';

/** Labels of a group: `job` and what else its path names. */
export type Grouping = Readonly<Record<string, string>>;

const PREFIX = '/metrics/job';
const BASE64 = '@base64';
const BASE64_TEXT = /^[A-Za-z0-9_-]*={0,2}$/;
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the path `/metrics/job/<job>{/<label>/<value>}` as Pushgateway does: `job@base64` and `label@base64` announce
 * URL-safe base64, and `=` is the empty text in it. Each part is decoded by itself, so unlike there a value may contain
 * `%2F`.
 *
 * @param path still percent-encoded
 * @throws BadDataError
 */
export function groupingOf(path: string): Grouping {
  // A host may have put a prefix in front, and Express matches in any case.
  const start = path.toLowerCase().indexOf(PREFIX) + PREFIX.length - 'job'.length;
  const components = path.slice(start).split('/');
  if (components.at(-1) === '' && components.length % 2 === 1) components.pop();
  if (components.length % 2 === 1) {
    throw refused('the path has to consist of pairs /<label>/<value>, and its last label has no value.');
  }
  // No prototype: a label may be called constructor.
  const grouping = Object.create(null) as Record<string, string>;
  for (let index = components.length - 2; index >= 0; index -= 2) {
    const [label, value] = readPair(components[index]!, components[index + 1]!);
    // From the back: the job of the path's beginning wins, and of other labels the last one, as with Pushgateway.
    if (label === 'job' || !(label in grouping)) grouping[label] = value;
  }
  if (grouping.job === '') throw refused('the job has to have a name.');
  return grouping;
}

function readPair(written: string, value: string): [string, string] {
  const decoded = decode(written);
  const isBase64 = decoded.endsWith(BASE64);
  const label = isBase64 ? decoded.slice(0, -BASE64.length) : decoded;
  if (!isLabelName(label) || label.startsWith('__')) {
    throw refused(`${JSON.stringify(abbreviate(label))} can't be the name of a label of a group.`);
  }
  const text = decode(value);
  return [label, isBase64 ? decodeBase64(label, text) : text];
}

function decode(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    throw refused(`${abbreviate(component)} is no percent-encoded UTF-8.`);
  }
}

function decodeBase64(label: string, text: string): string {
  try {
    if (BASE64_TEXT.test(text)) return UTF_8.decode(Buffer.from(text, 'base64url'));
  } catch {
    // Bytes that are no UTF-8.
  }
  throw refused(`the value of ${label}${BASE64} has to be URL-safe base64 of UTF-8, not ${abbreviate(text)}.`);
}

function refused(reason: string): BadDataError {
  const message = `The group can't be read: ${reason}`;
  return new BadDataError([{ path: '/path', message }], message);
}
