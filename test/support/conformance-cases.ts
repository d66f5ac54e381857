import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file with cases from Prometheus' own tests, which is not part of this project. */
export const CASES = join(
  process.env.CONFORMANCE_DIR ?? join(process.cwd(), '..', 'shared', 'conformance'),
  'promql-cases.json',
);

/** A value as the cases write it, where null is a missing sample. */
export type SampleText = number | string | null;

interface LoadedSeries {
  readonly labels: Record<string, string>;
  readonly values: readonly SampleText[];
}

/** Series that are loaded before a case. Their values are one step apart. */
export interface Load {
  readonly step: number;
  readonly series: readonly LoadedSeries[];
}

export interface ExpectedMessage {
  readonly msg?: string;
  readonly regex?: string;
}

/** The answer that Prometheus gives. */
export interface Expected {
  readonly type: 'vector' | 'matrix' | 'scalar' | 'string' | 'error';
  readonly series?: readonly LoadedSeries[];
  readonly scalar?: SampleText;
  readonly string?: string;
  readonly ordered?: boolean;
  /** The times of the points of a range vector. */
  readonly range?: { readonly start: number; readonly end: number; readonly step: number };
  readonly fail?: readonly ExpectedMessage[];
  readonly warn?: readonly ExpectedMessage[];
  readonly info?: readonly ExpectedMessage[];
  readonly no_warn?: boolean;
  readonly no_info?: boolean;
}

/** A query and its expected answer. */
export interface Case {
  readonly line: number;
  readonly loads: number;
  readonly kind: 'instant' | 'range';
  readonly at?: number;
  readonly start?: number;
  readonly end?: number;
  readonly step?: number;
  readonly expr: string;
  readonly expected: Expected;
  /** The value 'delayed' means that Prometheus' flag `promql-delayed-name-removal` is on. */
  readonly nameMode?: 'delayed';
}

/** A group of cases that share their data. */
interface CaseGroup {
  readonly file: string;
  readonly group: number;
  readonly loads: readonly Load[];
  readonly evals: readonly Case[];
}

/** Reads all groups of cases. Returns an empty array if their file does not exist. */
export function readCaseGroups(): readonly CaseGroup[] {
  return existsSync(CASES) ? (JSON.parse(readFileSync(CASES, 'utf8')) as CaseGroup[]) : [];
}
