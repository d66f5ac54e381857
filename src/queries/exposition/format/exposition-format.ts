import { escapeLabelValue } from '../../../catalog/series/label-set.js';
import { isMetricName } from '../../../outside-text/name.js';
import type { FamilyType } from '../../../catalog/metric/family-type.js';

/** The two formats of a scrape. */
export type ExpositionFormat = 'text' | 'openmetrics';

/** Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The first character of a name in quotes. */
const QUOTE = 0x22;

/** Writes the name of a metric for an exposition: in quotes, unless all versions of Prometheus allow the name. */
export function metricNameToText(name: string): string {
  return isMetricName(name) ? name : `"${escapeLabelValue(name)}"`;
}

/** The header lines above the samples of a family. */
export interface FamilyHeader {
  /** The name of the family. For a counter in OpenMetrics, it is the name of its samples without `_total`. */
  readonly name: string;
  /** The name as {@link metricNameToText} writes it. */
  readonly nameText: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit?: string | null;
}

/** Writes HELP and TYPE, and in OpenMetrics also UNIT if the name ends with the unit, as the specification requires. */
export function formatHeader({ name, nameText, type, help, unit }: FamilyHeader, format: ExpositionFormat): string {
  if (format === 'text') {
    return `# HELP ${nameText} ${escapeHelp(help)}\n# TYPE ${nameText} ${type === 'unknown' ? 'untyped' : type}\n`;
  }
  const unitLine = unit && name.endsWith(`_${unit}`) && isMetricName(`_${unit}`) ? `# UNIT ${nameText} ${unit}\n` : '';
  return `# TYPE ${nameText} ${type}\n${unitLine}# HELP ${nameText} ${escapeHelp(help).replaceAll('"', '\\"')}\n`;
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/**
 * Writes a double in a form that both formats accept. Finite values have the shortest text that gives the same double, as in
 * JavaScript.
 */
export function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/**
 * Writes one sample line. A name in quotes stands between the braces, before the labels.
 *
 * @param nameText the name as {@link metricNameToText} writes it
 * @param labelsText the labels, sorted and escaped, without braces; '' if there are none
 */
export function formatSample(nameText: string, labelsText: string, value: number): string {
  if (nameText.charCodeAt(0) === QUOTE) {
    return `{${nameText}${labelsText === '' ? '' : ','}${labelsText}} ${formatValue(value)}\n`;
  }
  return labelsText === ''
    ? `${nameText} ${formatValue(value)}\n`
    : `${nameText}{${labelsText}} ${formatValue(value)}\n`;
}
