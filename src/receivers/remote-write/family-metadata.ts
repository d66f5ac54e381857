import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import type { WrittenMetadata } from './message/write-request.js';

/**
 * Maximum number of metric families whose metadata is remembered. With the longest names and help texts, they take about 30 MB.
 * A family beyond the limit displaces the one that was named least recently.
 */
const MAX_FAMILIES = 10_000;

/** Longer names belong to no metric, because the longest that METRIC_NAME_MAX_LENGTH allows by default has 200 characters. */
const MAX_NAME_LENGTH = 1_000;

/** The lengths that a declaration may have. Longer texts are cut, because the sender can't shorten them. */
const HELP_LENGTH = 1_000;
const UNIT_LENGTH = 100;

/** The metadata of a series, and the name of the family that it describes. */
export interface MetadataOfSeries extends WrittenMetadata {
  readonly family: string;
}

/**
 * Remembers the metadata of metric families. Version 1.0 of remote write sends it in requests of its own, each minute and after
 * the first samples.
 */
export class FamilyMetadata {
  private readonly families = new Map<string, WrittenMetadata>();

  remember(families: ReadonlyMap<string, WrittenMetadata>): void {
    for (const [name, metadata] of families) {
      if (name.length > MAX_NAME_LENGTH) continue;
      this.families.delete(name);
      this.families.set(name, shortened(metadata));
      if (this.families.size > MAX_FAMILIES) this.families.delete(this.families.keys().next().value!);
    }
  }

  /** Returns what is known of a series by the name of its metric. */
  of(name: string): MetadataOfSeries | undefined {
    if (this.families.size === 0) return undefined;
    const own = this.families.get(name);
    if (own !== undefined) return { ...own, family: name };
    const family = familyOf(name);
    const metadata = this.families.get(family);
    return metadata && { ...metadata, family };
  }
}

/** Returns the metadata that was sent with a series of the given name. */
export function metadataOfSeries(name: string, metadata: WrittenMetadata): MetadataOfSeries {
  const isFamily = metadata.type === 'histogram' || metadata.type === 'summary';
  return { ...shortened(metadata), family: isFamily ? familyOf(name) : name };
}

function shortened({ type, help, unit }: WrittenMetadata): WrittenMetadata {
  return { type, help: help.slice(0, HELP_LENGTH), unit: unit.slice(0, UNIT_LENGTH) };
}

/** Returns the name of the family to which a counter of a histogram or summary belongs, or the name itself. */
function familyOf(name: string): string {
  const suffix = Object.values(HISTOGRAM_SUFFIX).find((each) => name.endsWith(each));
  return suffix === undefined ? name : name.slice(0, -suffix.length);
}
