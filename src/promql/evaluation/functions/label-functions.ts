import { RE2JS } from 're2js';

import { ColumnCollector, type Column } from '../series/column.js';
import { PromqlExecutionError } from '../errors.js';
import { isLabelName, METRIC_NAME, withLabel } from '../series/labels.js';

/** Evaluates `label_replace(v, destination, replacement, source, regex)`. */
export function replaceLabel(columns: readonly Column[], texts: readonly string[]): Column[] {
  const [destination = '', replacement = '', source = '', regex = ''] = texts;
  const pattern = compile(regex);
  checkName('destination', 'label_replace', destination);
  const template = parseTemplate(replacement);
  return relabel(columns, destination, (column) => {
    const matcher = pattern.matcher(column.labels.get(source) ?? '');
    if (!matcher.matches()) {
      return null;
    }
    const names = pattern.namedGroups();
    return template
      .map((part) => {
        if ('text' in part) {
          return part.text;
        }
        const group = /^\d+$/.test(part.group) ? Number(part.group) : names[part.group];
        return group === undefined || group > matcher.groupCount() ? '' : (matcher.group(group) ?? '');
      })
      .join('');
  });
}

/** Evaluates `label_join(v, destination, separator, source…)`. */
export function joinLabels(columns: readonly Column[], texts: readonly string[]): Column[] {
  const [destination = '', separator = '', ...sources] = texts;
  for (const source of sources) {
    checkName('source', 'label_join', source);
  }
  checkName('destination', 'label_join', destination);
  return relabel(columns, destination, ({ labels }) =>
    sources.map((source) => labels.get(source) ?? '').join(separator),
  );
}

/** @param valueOf returns null to leave the series unchanged */
function relabel(
  columns: readonly Column[],
  destination: string,
  valueOf: (column: Column) => string | null,
): Column[] {
  const result = new ColumnCollector();
  for (const column of columns) {
    const value = valueOf(column);
    if (value === null) {
      result.add(column);
      continue;
    }
    // A name that the query itself sets is kept.
    const dropsName = destination !== METRIC_NAME && column.dropsName;
    result.add({ ...column, labels: withLabel(column.labels, destination, value), dropsName });
  }
  return result.columns;
}

function compile(regex: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${regex})$`);
  } catch {
    throw new PromqlExecutionError(`invalid regular expression in label_replace(): ${regex}`);
  }
}

function checkName(role: 'source' | 'destination', caller: string, name: string): void {
  if (!isLabelName(name)) {
    throw new PromqlExecutionError(`invalid ${role} label name in ${caller}(): ${name}`);
  }
}

type TemplatePart = { readonly text: string } | { readonly group: string };

/**
 * Parses a template of Go's regular expressions: `$1`, `${1}`, `$name` (the longest possible name) and `$$`. Any other `$` is
 * literal.
 */
function parseTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of template.matchAll(/\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    parts.push({ text: template.slice(end, match.index) });
    const name = match[2] ?? match[3];
    parts.push(name === undefined ? { text: '$' } : { group: name });
    end = match.index + match[0].length;
  }
  parts.push({ text: template.slice(end) });
  return parts;
}
