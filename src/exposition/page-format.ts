/** The two formats of a scrape. */
export type ExpositionFormat = 'text' | 'openmetrics';

/** Source: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';

/** What stands above the samples of a family. */
export interface FamilyHeader {
  /** The metric's name as it is pushed, with `_total` if it has it. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly unit?: string | null;
}

const TOTAL = '_total';

/**
 * The name and type that OpenMetrics gives a family. Its counters are called `x` and have samples `x_total`; a counter of
 * any other name, or one whose `x` is the name of another metric, has no legal form there and becomes `unknown`, which
 * keeps the sample's name. Source: https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */
export function openMetricsFamily(
  { name, type }: FamilyHeader,
  isTaken: (name: string) => boolean,
): { name: string; type: FamilyType } {
  if (type !== 'counter') return { name, type };
  const family = name.endsWith(TOTAL) ? name.slice(0, -TOTAL.length) : '';
  return family === '' || isTaken(family) ? { name, type: 'unknown' } : { name: family, type };
}

/** HELP, TYPE and, where OpenMetrics allows it, UNIT. */
export function formatHeader(
  header: FamilyHeader,
  format: ExpositionFormat,
  isTaken: (name: string) => boolean,
): string {
  if (format === 'text') {
    const type = header.type === 'unknown' ? 'untyped' : header.type;
    return `# HELP ${header.name} ${escapeHelp(header.help)}\n# TYPE ${header.name} ${type}\n`;
  }
  const { name, type } = openMetricsFamily(header, isTaken);
  const unit = header.unit && name.endsWith(`_${header.unit}`) ? `# UNIT ${name} ${header.unit}\n` : '';
  return `# TYPE ${name} ${type}\n${unit}# HELP ${name} ${escapeHelp(header.help).replaceAll('"', '\\"')}\n`;
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** A double as both formats read it; finite ones as JavaScript prints them, the shortest text that gives the same double. */
export function formatValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** @param labelsText sorted and escaped, without braces; '' for none */
export function formatSample(name: string, labelsText: string, value: number): string {
  return labelsText === '' ? `${name} ${formatValue(value)}\n` : `${name}{${labelsText}} ${formatValue(value)}\n`;
}
