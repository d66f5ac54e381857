import type { FamilyType } from '../../../catalog/metric/family-type.js';

/** The two formats of a scrape. */
export type ExpositionFormat = 'text' | 'openmetrics';

/** Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The header lines above the samples of a family. */
export interface FamilyHeader {
  /** The name of the family. For a counter in OpenMetrics, it is the name of its samples without `_total`. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit?: string | null;
}

/** Writes HELP and TYPE, and in OpenMetrics also UNIT if the name ends with the unit, as the specification requires. */
export function formatHeader({ name, type, help, unit }: FamilyHeader, format: ExpositionFormat): string {
  if (format === 'text') {
    return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type === 'unknown' ? 'untyped' : type}\n`;
  }
  const unitLine = unit && name.endsWith(`_${unit}`) ? `# UNIT ${name} ${unit}\n` : '';
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${escapeHelp(help).replaceAll('"', '\\"')}\n`;
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
 * Writes one sample line.
 *
 * @param labelsText the labels, sorted and escaped, without braces; '' if there are none
 */
export function formatSample(name: string, labelsText: string, value: number): string {
  return labelsText === '' ? `${name} ${formatValue(value)}\n` : `${name}{${labelsText}} ${formatValue(value)}\n`;
}
