import type { OwnFamily, OwnSample } from '../../catalog/metric/own-metrics.js';

/** The label by which the own metrics of several processes are told apart. */
const PROCESS_LABEL = 'process';

/** The own metrics of one process, with its number. */
export interface FamiliesOfProcess {
  readonly number: number;
  readonly families: readonly OwnFamily[];
}

/** Puts the own metrics of several processes into the same families, each sample with the number of its process as a label. */
export function joinFamilies(processes: readonly FamiliesOfProcess[]): OwnFamily[] {
  const joined = new Map<string, OwnFamily & { samples: OwnSample[] }>();
  for (const { number, families } of processes) {
    for (const family of families) {
      const samples = family.samples.map((sample) => ({
        ...sample,
        labels: { ...sample.labels, [PROCESS_LABEL]: String(number) },
      }));
      const known = joined.get(family.name);
      if (known === undefined) joined.set(family.name, { ...family, samples });
      else known.samples.push(...samples);
    }
  }
  return [...joined.values()];
}

/** A family whose values are texts, because JSON has no infinity. */
interface FamilyInJson extends Omit<OwnFamily, 'samples'> {
  readonly samples: readonly (Omit<OwnSample, 'value'> & { readonly value: string })[];
}

/** Writes metrics for another process. */
export function familiesToJson(families: readonly OwnFamily[]): string {
  return JSON.stringify(
    families.map(({ name, type, help, samples }): FamilyInJson => ({
      name,
      type,
      help,
      samples: samples.map((sample) => ({ ...sample, value: String(sample.value) })),
    })),
  );
}

export function familiesFromJson(text: string): OwnFamily[] {
  return (JSON.parse(text) as FamilyInJson[]).map(({ name, type, help, samples }) => ({
    name,
    type,
    help,
    samples: samples.map((sample) => ({ ...sample, value: Number(sample.value) })),
  }));
}
