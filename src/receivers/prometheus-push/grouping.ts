import { BadDataError } from '../../http/answers/errors.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import { queriedLabelName } from '../../outside-text/escaped-name.js';
import type { NameValidation } from '../../outside-text/name.js';

/** Labels of a group: `job`, and the other labels in the path. */
export type Grouping = Readonly<Record<string, string>>;

const PREFIX = '/metrics/job';
const BASE64 = '@base64';
const BASE64_TEXT = /^[A-Za-z0-9_-]*={0,2}$/;
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the path `/metrics/job/<job>{/<label>/<value>}` as Pushgateway does. After `job@base64` and `<label>@base64`, the value
 * is URL-safe base64, and `=` stands for the empty string. Each part is decoded separately, so a value may contain `%2F`, unlike
 * in Pushgateway. If names may contain any characters, label names may be escaped with Prometheus' scheme `values`, as in
 * Pushgateway.
 *
 * @param path the percent-encoded path
 * @throws BadDataError if the path does not name a group
 */
export function groupingOf(path: string, nameValidation: NameValidation): Grouping {
  // The host application may add a prefix, and Express ignores the case of paths.
  const start = path.toLowerCase().indexOf(PREFIX) + PREFIX.length - 'job'.length;
  const components = path.slice(start).split('/');
  if (components.at(-1) === '' && components.length % 2 === 1) components.pop();
  if (components.length % 2 === 1) {
    throw refused('the path must consist of pairs /<label>/<value>, and its last label has no value.');
  }
  // The object has no prototype, because a label may be named constructor.
  const grouping = Object.create(null) as Record<string, string>;
  for (let index = components.length - 2; index >= 0; index -= 2) {
    const [label, value] = readPair(components[index]!, components[index + 1]!, nameValidation);
    // The loop runs backwards. As in Pushgateway, the job at the start of the path takes precedence, and for other labels the
    // last value does.
    if (label === 'job' || !(label in grouping)) grouping[label] = value;
  }
  if (grouping.job === '') throw refused('the job must have a name.');
  return grouping;
}

function readPair(written: string, value: string, nameValidation: NameValidation): [string, string] {
  const decoded = decode(written);
  const isBase64 = decoded.endsWith(BASE64);
  const name = isBase64 ? decoded.slice(0, -BASE64.length) : decoded;
  const label = queriedLabelName(name, nameValidation);
  if (label === undefined || label.startsWith('__')) {
    throw refused(`${JSON.stringify(abbreviate(name))} is not a valid label name for a group.`);
  }
  const text = decode(value);
  return [label, isBase64 ? decodeBase64(label, text) : text];
}

function decode(component: string): string {
  try {
    return decodeURIComponent(component);
  } catch {
    throw refused(`${abbreviate(component)} is not percent-encoded UTF-8.`);
  }
}

function decodeBase64(label: string, text: string): string {
  try {
    if (BASE64_TEXT.test(text)) return UTF_8.decode(Buffer.from(text, 'base64url'));
  } catch {
    // The bytes are not valid UTF-8, which the error below reports.
  }
  throw refused(`the value of ${label}${BASE64} must be URL-safe base64 of UTF-8, not ${abbreviate(text)}.`);
}

function refused(reason: string): BadDataError {
  const message = `The group can't be read: ${reason}`;
  return new BadDataError([{ path: '/path', message }], message);
}
