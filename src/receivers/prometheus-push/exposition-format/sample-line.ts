import { abbreviate } from '../../../outside-text/abbreviate.js';
import { parseDecimal, parsePrometheusNumber, parseSignedWhole } from '../../../outside-text/number.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';
import type { PushedFormat, PushedSample } from './pushed-family.js';

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const BLANKS = /[ \t]*/y;
const WORD = /[^ \t]+/y;

/** The highest possible value of SERIES_MAX_LABELS. */
const MAX_LABELS = 1_000;

/**
 * Reads one line `name{label="value"} value timestamp` from left to right, and each character only once.
 *
 * Blanks are allowed wherever the text format allows them, even in OpenMetrics, which is stricter. An exemplar of OpenMetrics is
 * skipped.
 */
export class SampleLine {
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly line: number,
    private readonly format: PushedFormat,
  ) {}

  /** @throws ExpositionSyntaxError */
  read(): PushedSample {
    this.skipBlanks();
    let name = this.take(METRIC_NAME);
    this.skipBlanks();
    const isInBraces = name === '' && this.text[this.position] === '{';
    if (name === '' && !isInBraces) this.fail(`a metric name was expected, not ${this.rest()}`);
    if (isInBraces) name = this.readQuotedMetricName();
    const labels = isInBraces || this.text[this.position] === '{' ? this.readLabels() : {};
    this.skipBlanks();
    const value = this.readValue(name);
    this.skipBlanks();
    const timestamp = this.isAtEnd() ? undefined : this.readTimestamp(name);
    this.skipBlanks();
    if (!this.isAtEnd()) this.fail(`${name} has extra text after its value and timestamp: ${this.rest()}`);
    return { name, labels, value, timestamp, line: this.line };
  }

  /**
   * Reads the name in `{"my.metric","label.name"="value"} 1`. It leaves the position where {@link readLabels} expects it, which
   * is one character before the first label or the closing brace.
   */
  private readQuotedMetricName(): string {
    this.position++;
    this.skipBlanks();
    if (this.text[this.position] !== '"') this.fail(`a metric name was expected, not ${this.rest()}`);
    const name = this.readQuoted('the name of the metric');
    this.skipBlanks();
    // readLabels() skips one character, and must then find the closing brace.
    if (this.text[this.position] === '}') this.position--;
    else if (this.text[this.position] !== ',') this.fail(', or } was expected after the name of the metric');
    return name;
  }

  private readLabels(): Record<string, string> {
    // The object has no prototype, because a label may be named __proto__.
    const labels = Object.create(null) as Record<string, string>;
    let count = 0;
    this.position++;
    for (;;) {
      this.skipBlanks();
      if (this.text[this.position] === '}') break;
      const isQuoted = this.text[this.position] === '"';
      const label = isQuoted ? this.readQuoted('a label name') : this.take(LABEL_NAME);
      if (label === '') this.fail(`a label name or } was expected, not ${this.rest()}`);
      if (label in labels) this.fail(`the label ${label} appears twice`);
      if (++count > MAX_LABELS) this.fail(`there are more than ${MAX_LABELS} labels`);
      this.skipBlanks();
      if (this.text[this.position] !== '=') this.fail(`= was expected after the label name ${label}`);
      this.position++;
      this.skipBlanks();
      labels[label] = this.readLabelValue(label);
      this.skipBlanks();
      if (this.text[this.position] === ',') this.position++;
      else if (this.text[this.position] !== '}') this.fail(`, or } was expected after the value of the label ${label}`);
    }
    this.position++;
    return labels;
  }

  private readLabelValue(label: string): string {
    if (this.text[this.position] !== '"') this.fail(`the value of the label ${label} must be in double quotes`);
    return this.readQuoted(`the value of the label ${label}`);
  }

  /** @param what a description of the text, for error messages */
  private readQuoted(what: string): string {
    let value = '';
    let start = ++this.position;
    for (;;) {
      const character = this.text[this.position];
      if (character === undefined) this.fail(`${what} has no closing double quote`);
      if (character === '"') break;
      if (character === '\\') {
        value += this.text.slice(start, this.position) + this.unescaped(this.text[this.position + 1], what);
        start = this.position += 2;
      } else {
        this.position++;
      }
    }
    value += this.text.slice(start, this.position);
    this.position++;
    return value;
  }

  private unescaped(escaped: string | undefined, what: string): string {
    if (escaped === 'n') return '\n';
    if (escaped === '\\' || escaped === '"') return escaped;
    return this.fail(`${what} has an escape other than \\\\, \\" and \\n`);
  }

  private readValue(name: string): number {
    const word = this.take(WORD);
    if (word === '') this.fail(`${name} has no value`);
    const value = parsePrometheusNumber(word);
    if (value === undefined) this.fail(`the value of ${name} is not a number: ${abbreviate(word)}`);
    return value;
  }

  private readTimestamp(name: string): number | undefined {
    if (this.skipExemplar()) return undefined;
    const word = this.take(WORD);
    const time = this.format === 'text' ? parseSignedWhole(word) : secondsOf(word);
    if (time === undefined) {
      const form = this.format === 'text' ? 'a whole number of milliseconds' : 'a number of seconds';
      this.fail(`the timestamp of ${name} must be ${form} since the epoch, not ${abbreviate(word)}`);
    }
    this.skipBlanks();
    this.skipExemplar();
    return time;
  }

  /**
   * Skips an exemplar, and returns whether there was one. In OpenMetrics, an exemplar begins with `#` after the value or the
   * timestamp. It usually refers to a trace.
   */
  private skipExemplar(): boolean {
    if (this.format === 'text' || this.text[this.position] !== '#') return false;
    this.position = this.text.length;
    return true;
  }

  private skipBlanks(): void {
    this.take(BLANKS);
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.position += found.length;
    return found;
  }

  private isAtEnd(): boolean {
    return this.position === this.text.length;
  }

  private rest(): string {
    return this.isAtEnd() ? 'the end of the line' : abbreviate(this.text.slice(this.position));
  }

  private fail(reason: string): never {
    throw new ExpositionSyntaxError(this.line, `${reason}.`);
  }
}

function secondsOf(word: string): number | undefined {
  const seconds = parseDecimal(word);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}
