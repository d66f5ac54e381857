import { toEnd } from '../../test/support/to-end.js';
import { bucketBoundOf, histogramOf } from '../catalog/metric/histogram-family.js';
import { labelsFromText } from '../catalog/series/label-set.js';
import { typeByName } from '../catalog/metric/metric.js';
import { coerceNumber, coerceTimestamp } from '../receivers/custom-metrics/coercion.js';
import { prefersStrict } from '../receivers/custom-metrics/prefer.js';
import * as historyTime from '../queries/selection/time.js';
import { withoutTrailingSlashes } from '../http/trailing-slashes.js';
import { metricNameOf, labelNameOf, unitNameOf } from '../receivers/otlp/mapping/otlp-naming.js';
import { isLabelName, isMetricName, readLabelName, readMetricName, sanitizeText } from './name.js';
import { parseDecimal, parseInt64, parsePrometheusNumber, parseSignedWhole } from './number.js';
import { parseIsoTime } from './time.js';
import { escapeLabelName, queriedLabelName, unescapeName } from './escaped-name.js';
import * as prometheusTime from '../queries/prometheus-api/parameters/time-parameter.js';
import { parseExposition } from '../receivers/prometheus-push/exposition-format/exposition-parser.js';
import { parseGoFloat } from '../promql/evaluation/result/go-number.js';
import { parse } from '../promql/syntax/parser/parser.js';

/** A linear reader needs some milliseconds for this many characters, and a quadratic one many minutes. */
const LENGTH = 1024 * 1024;

const LEGACY = { metricNameMaxLength: 200, nameValidation: 'legacy' } as const;
const UTF8 = { ...LEGACY, nameValidation: 'utf8' } as const;

/** Maximum CPU time for a text, which is ten times more than the slowest reader takes on a busy machine. */
const MAX_CPU_MS = 2_500;

/**
 * Contains a character of each class that some pattern distinguishes, and the characters that begin a number, an escape or a
 * name.
 */
const PARTS = [
  ['0', 'a', 'e', '_', ':', '.', '-', ' ', '\n', '\\', '"', '/', '{', '(', ',', '#'],
  ['\0', 'é', '中', '\u{1F600}', '\ud800', '1.', '1h', '_total', 'U__', 'a='],
].flat();
/** If the last character does not match, a backtracking pattern tries every way to match the rest. */
const ENDS = ['', '!'];

const read: Readonly<Record<string, (text: string) => unknown>> = {
  parseDecimal,
  parsePrometheusNumber,
  parseSignedWhole,
  parseInt64,
  parseIsoTime,
  readMetricName: (text) => readMetricName(text, LEGACY),
  readLabelName: (text) => readLabelName(text, LEGACY),
  'readMetricName of UTF-8': (text) => readMetricName(text, { ...UTF8, metricNameMaxLength: LENGTH }),
  queriedLabelName: (text) => queriedLabelName(text, 'utf8'),
  isMetricName,
  isLabelName,
  sanitizeText,
  coerceNumber,
  coerceTimestamp,
  bucketBoundOf,
  histogramOf: (text) => histogramOf(text, { findMetric: () => undefined }),
  typeByName,
  labelsFromText,
  prefersStrict,
  withoutTrailingSlashes,
  'history: parseTime': (text) => historyTime.parseTime(text, 0),
  'history: parseDurationMs': historyTime.parseDurationMs,
  'Prometheus API: parseTimeMs': prometheusTime.parseTimeMs,
  'Prometheus API: parseDurationMs': prometheusTime.parseDurationMs,
  unescapeName,
  // A quarter of the length is enough, because this function takes longer than all others together. Its callers limit the length.
  escapeLabelName: (text) => escapeLabelName(text.slice(-LENGTH / 4), 'values'),
  'OTLP: metricNameOf': (text) => metricNameOf(text, text, 'monotonic sum', true),
  'OTLP: labelNameOf': (text) => labelNameOf(text, 200),
  'OTLP: unitNameOf': unitNameOf,
  'PromQL: parse': parse,
  'PromQL: parseGoFloat': parseGoFloat,
  'text format': (text) => toEnd(parseExposition(`a{b="${text}"} ${text}\n`, 'text', 1_000)),
  'text format: a comment': (text) => toEnd(parseExposition(`# HELP ${text} ${text}\n`, 'text', 1_000)),
};

function outcomeOf(reader: (text: string) => unknown, text: string): void {
  try {
    reader(text);
  } catch (error) {
    // The parser may refuse the text, but not by exhausting the stack, which is a RangeError.
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(RangeError);
  }
}

describe('a megabyte of each class of characters', () => {
  const texts = PARTS.flatMap((part) => ENDS.map((end) => part.repeat(LENGTH / part.length) + end));

  it.each(Object.keys(read))('is read in time: %s', (name) => {
    const slow: object[] = [];
    for (const text of texts) {
      const start = process.cpuUsage();
      outcomeOf(read[name]!, text);
      const { user } = process.cpuUsage(start);
      if (user > MAX_CPU_MS * 1_000) slow.push({ text: `${text.slice(0, 8)}…${text.slice(-4)}`, ms: user / 1_000 });
    }
    expect(slow).toEqual([]);
  });
});
