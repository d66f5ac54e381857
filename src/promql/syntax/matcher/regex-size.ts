/** The size of a Unicode class (`\pL`), which has hundreds of ranges and costs about as much as this many characters. */
const UNICODE_CLASS_SIZE = 20;

/**
 * Maximum length of names like `\p{Cuneiform}` and `[:alpha:]`. Without it, a text with many unclosed names would take quadratic
 * time.
 */
const MAX_CLASS_NAME_LENGTH = 64;

/**
 * Estimates the number of states that RE2 compiles a regular expression to, without compiling it. The length of the text says
 * little: the seven characters `a{1000}` are a thousand states.
 *
 * The estimate is rough, and the function does not throw for any text.
 */
export function estimateRegexSize(pattern: string): number {
  const open: Group[] = [];
  let group: Group = { settled: 0, last: 0 };
  for (let at = 0; at < pattern.length;) {
    const character = pattern[at]!;
    const repeat = character === '{' ? repeatAt(pattern, at) : null;
    if (repeat !== null) {
      group.last *= repeat.count;
      at += repeat.length;
      continue;
    }
    if (character === '(') {
      open.push(group);
      group = { settled: 0, last: 0 };
    } else if (character === ')') {
      const inner = group.settled + group.last + 1;
      group = open.pop() ?? { settled: 0, last: 0 };
      addAtom(group, inner);
    } else if (character === '[') {
      const length = classLength(pattern, at);
      addAtom(group, sizeOfClass(pattern.slice(at, at + length)));
      at += length;
      continue;
    } else {
      const length = character === '\\' ? escapeLength(pattern, at) : 1;
      addAtom(group, isUnicodeClass(pattern, at) ? UNICODE_CLASS_SIZE : 1);
      at += length;
      continue;
    }
    at++;
  }
  // RE2JS descends into every open group before it notices that the group is not closed.
  return open.reduce((size, { settled, last }) => size + settled + last + 1, group.settled + group.last);
}

interface Group {
  settled: number;
  /** The size of the last atom, which a following repetition multiplies. */
  last: number;
}

function addAtom(group: Group, size: number): void {
  group.settled += group.last;
  group.last = size;
}

function repeatAt(pattern: string, at: number): { readonly count: number; readonly length: number } | null {
  const match = /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(pattern.slice(at, at + 24));
  if (match === null) return null;
  const [text, least = '', most = ''] = match;
  return { count: Math.max(Number(least), Number(most)) + 1, length: text.length };
}

function isUnicodeClass(pattern: string, at: number): boolean {
  return pattern[at] === '\\' && /[pP]/.test(pattern[at + 1] ?? '');
}

function escapeLength(pattern: string, at: number): number {
  if (!isUnicodeClass(pattern, at)) return 2;
  if (pattern[at + 2] !== '{') return 3;
  const close = pattern.slice(at, at + MAX_CLASS_NAME_LENGTH).indexOf('}');
  return close === -1 ? 3 : close + 1;
}

function classLength(pattern: string, start: number): number {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1);
  if (pattern[at] === ']') at++;
  while (at < pattern.length && pattern[at] !== ']') {
    const name = pattern.startsWith('[:', at) ? pattern.slice(at, at + MAX_CLASS_NAME_LENGTH) : '';
    const nameEnd = name.indexOf(':]');
    if (nameEnd !== -1) at += nameEnd + 2;
    else at += pattern[at] === '\\' ? escapeLength(pattern, at) : 1;
  }
  return at - start + 1;
}

function sizeOfClass(text: string): number {
  const unicodeClasses = text.match(/\\[pP]/g)?.length ?? 0;
  return 1 + unicodeClasses * UNICODE_CLASS_SIZE + Math.floor(text.length / 4);
}
