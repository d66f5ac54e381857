import { labelNameOf } from './otlp-naming.js';
import type { OtlpAttribute, OtlpScope } from '../encoding/otlp-request.js';

const SERVICE_NAMESPACE = 'service.namespace';
const SERVICE_NAME = 'service.name';
const SERVICE_INSTANCE_ID = 'service.instance.id';

/** The attributes that become `job` and `instance`. */
const IDENTIFYING: ReadonlySet<string> = new Set([SERVICE_NAMESPACE, SERVICE_NAME, SERVICE_INSTANCE_ID]);

export type Labels = Readonly<Record<string, string>>;

/** The rules by which attributes become labels. */
export interface LabelNaming {
  /** Maximum length of a name; a longer attribute can't become a label. */
  readonly maxLength: number;
  /** Whether characters that older versions of Prometheus don't allow are replaced. */
  readonly escapes: boolean;
}

/** Labels that many data points share. */
export interface SharedLabels {
  /** Labels that are overridden by a data point's own attributes of the same name. */
  readonly promoted: ReadonlyMap<string, string>;
  /** Labels that override a data point's own attributes. */
  readonly fixed: ReadonlyMap<string, string>;
}

/**
 * Returns the labels that identify a resource in Prometheus, which are `job` and `instance`. A label that the resource does not
 * have is left out.
 */
export function targetLabelsOf(attributes: readonly OtlpAttribute[]): ReadonlyMap<string, string> {
  const values = new Map(attributes.map(({ key, value }) => [key, value]));
  const [namespace, name, instance] = [SERVICE_NAMESPACE, SERVICE_NAME, SERVICE_INSTANCE_ID].map((key) =>
    values.get(key),
  );
  const labels = new Map<string, string>();
  if (name) labels.set('job', namespace ? `${namespace}/${name}` : name);
  if (instance) labels.set('instance', instance);
  return labels;
}

/**
 * Returns the labels of a resource's `target_info`; undefined if the resource has neither `job` nor `instance`, or if it has no
 * attributes apart from those that these two labels contain.
 */
export function targetInfoLabelsOf(attributes: readonly OtlpAttribute[], naming: LabelNaming): Labels | undefined {
  const target = targetLabelsOf(attributes);
  const others = attributes.filter(({ key, value }) => !IDENTIFYING.has(key) && value !== '');
  if (target.size === 0 || others.length === 0) return undefined;
  return Object.fromEntries([...escaped(others, naming), ...target]);
}

/**
 * Returns the attributes of a resource that are listed in `promoted`, as labels. Every series of the resource gets these labels.
 */
export function promotedLabelsOf(
  attributes: readonly OtlpAttribute[],
  promoted: readonly string[],
  naming: LabelNaming,
): ReadonlyMap<string, string> {
  return escaped(
    attributes.filter(({ key }) => promoted.includes(key)),
    naming,
  );
}

/** Returns the name, version, schema URL and attributes of a scope as labels. A scope without a name gets no labels. */
export function scopeLabelsOf(
  { name, version, schemaUrl, attributes }: OtlpScope,
  naming: LabelNaming,
): ReadonlyMap<string, string> {
  if (name === '') return new Map();
  const own = attributes.map(({ key, value }) => ({ key: `otel_scope_${key}`, value }));
  return new Map([
    ...escaped(own, naming),
    ['otel_scope_name', name],
    ['otel_scope_version', version],
    ['otel_scope_schema_url', schemaUrl],
  ]);
}

/** Returns all labels of a data point. */
export function labelsOf(
  attributes: readonly OtlpAttribute[],
  { promoted, fixed }: SharedLabels,
  naming: LabelNaming,
): Labels {
  return Object.fromEntries([...promoted, ...escaped(attributes, naming), ...fixed]);
}

/**
 * Converts attributes to labels, and escapes their names if `naming` says so. If several attributes get the same name, their
 * values are joined with `;` in the order of their keys, so that the order in which they were sent does not change the series.
 */
function escaped(attributes: readonly OtlpAttribute[], naming: LabelNaming): Map<string, string> {
  const labels = new Map<string, string>();
  for (const { key, value } of attributes.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))) {
    const name = naming.escapes ? labelNameOf(key, naming.maxLength) : key;
    const other = labels.get(name);
    labels.set(name, other === undefined ? value : `${other};${value}`);
  }
  return labels;
}
