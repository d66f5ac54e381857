import { HISTOGRAM_SUFFIX } from '../../catalog/metric/histogram-family.js';
import type { WrittenMetadata } from './message/write-request.js';

/**
 * Maximum number of metric families whose metadata one generation remembers. With the longest names and help texts, both
 * generations together take about 30 MB.
 */
const MAX_FAMILIES = 5_000;

/** Maximum length of a name whose metadata is remembered. METRIC_NAME_MAX_LENGTH can't be set to more than this. */
export const MAX_NAME_LENGTH = 2_000;

/**
 * Maximum lengths of the texts in a declaration of a metric. Longer ones are cut, because the operator of the sender usually
 * can't change them.
 */
const HELP_LENGTH = 1_000;
const UNIT_LENGTH = 100;

/** The metadata of a series, and the name of the family that it describes. */
export interface MetadataOfSeries extends WrittenMetadata {
  readonly family: string;
}

/**
 * Remembers the metadata of metric families. In version 1.0 of remote write, it comes in separate requests, usually once a
 * minute, and often later than the first samples. When the young generation is full, it becomes the old one, and the former old
 * one is forgotten.
 */
export class FamilyMetadata {
  private young = new Map<string, WrittenMetadata>();
  private old = new Map<string, WrittenMetadata>();

  /** @returns the families whose metadata contains something new */
  remember(families: ReadonlyMap<string, WrittenMetadata>): (readonly [name: string, metadata: WrittenMetadata])[] {
    const news: (readonly [string, WrittenMetadata])[] = [];
    for (const [name, metadata] of families) {
      if (name.length > MAX_NAME_LENGTH) continue;
      if (saysMore(metadata, this.find(name))) news.push([name, metadata]);
      if (this.young.size >= MAX_FAMILIES) {
        this.old = this.young;
        this.young = new Map();
      }
      this.young.set(name, shortened(metadata));
    }
    return news;
  }

  /** Returns the remembered metadata of a series by the name of its metric, or undefined if there is none. */
  of(name: string): MetadataOfSeries | undefined {
    const own = this.find(name);
    if (own !== undefined) return { ...own, family: name };
    const family = familyOf(name);
    const metadata = this.find(family);
    return metadata !== undefined && hasParts(metadata) ? { ...metadata, family } : undefined;
  }

  private find(name: string): WrittenMetadata | undefined {
    return this.young.get(name) ?? this.old.get(name);
  }
}

/** Returns the metadata that was sent with a series of the given name. */
export function metadataOfSeries(name: string, metadata: WrittenMetadata): MetadataOfSeries {
  return { ...shortened(metadata), family: hasParts(metadata) ? familyOf(name) : name };
}

/**
 * Returns whether metadata has a different type than before, or a help text or unit that was missing before. A different help
 * text or unit changes nothing.
 */
function saysMore({ type, help, unit }: WrittenMetadata, before: WrittenMetadata | undefined): boolean {
  return type !== before?.type || (help !== '' && !before?.help) || (unit !== '' && !before?.unit);
}

/** Returns whether a family has series whose names end in `_bucket`, `_sum` or `_count`. */
function hasParts({ type }: WrittenMetadata): boolean {
  return type === 'histogram' || type === 'summary';
}

function shortened({ type, help, unit }: WrittenMetadata): WrittenMetadata {
  return { type, help: help.slice(0, HELP_LENGTH), unit: unit.slice(0, UNIT_LENGTH) };
}

/** Returns the name of the family to which a counter of a histogram or summary belongs, or the name itself. */
function familyOf(name: string): string {
  const suffix = Object.values(HISTOGRAM_SUFFIX).find((each) => name.endsWith(each));
  return suffix === undefined ? name : name.slice(0, -suffix.length);
}
