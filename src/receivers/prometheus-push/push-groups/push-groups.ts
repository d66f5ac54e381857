import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Catalog } from '../../../catalog/catalog.js';
import { labelSetOf, labelsToText } from '../../../catalog/series/label-set.js';
import type { Series } from '../../../catalog/series/series.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { DatabaseChangedError, KnownDatabase } from '../../../database/known-database.js';
import { waitOutOutage } from '../../../database/outage.js';
import { Turns } from '../../../scheduling/turns.js';
import { PushGroupRepository } from './push-group.repository.js';
import type { StoreWait } from '../../../database/store-wait.js';

/** The series that a group gains and loses. */
export interface GroupChange {
  readonly added?: readonly Series[];
  readonly removed?: readonly Series[];
}

/**
 * Keeps track of the series that a group has pushed, so that the group can replace and delete them. Labels alone are not
 * enough: a series with the label `job` may come from another receiver, and a series with an additional label may come from a
 * group that has more labels.
 *
 * The groups are stored, because the next push may reach another process. A series belongs to the group that pushed it last.
 */
@Injectable()
export class PushGroups {
  constructor(
    private readonly repository: PushGroupRepository,
    private readonly catalog: Catalog,
    private readonly known: KnownDatabase,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /**
   * Returns the current series of a group.
   *
   * @param wait measures how long the request has waited for Postgres
   * @throws StoreUnavailableError if this process can't load all series; the error of Postgres if it is unavailable for too long
   */
  async seriesOf(group: Buffer, wait?: StoreWait): Promise<Series[]> {
    const find = async () => {
      const { generation } = this.known;
      const ids = await this.repository.findSeriesIds(group);
      // These series were created by another process, or this process has forgotten them.
      let { series, unknown } = await this.lookUp(ids);
      if (unknown.length > 0) {
        await this.catalog.fetchSeries(unknown);
        ({ series, unknown } = await this.lookUp(ids));
      }
      this.known.assertStill(generation);
      // A missing series may have been deleted. If it exists but is unknown to this process, the group can't be replaced or
      // deleted completely.
      if (unknown.length > 0) this.catalog.checkComplete();
      return series;
    };
    return waitOutOutage(find, this.options.store.waitMs, wait);
  }

  /** Finds series in the catalog. Other work can run meanwhile, because a group may have very many series. */
  private async lookUp(ids: Int32Array): Promise<{ readonly series: Series[]; readonly unknown: number[] }> {
    const turns = new Turns();
    const series: Series[] = [];
    const unknown: number[] = [];
    for (const id of ids) {
      if (turns.isUp) await turns.give();
      const found = this.catalog.findSeriesById(id);
      if (found === undefined) unknown.push(id);
      else series.push(found);
    }
    return { series, unknown };
  }

  /**
   * Adds series to a group and removes others from it.
   *
   * @throws the error of Postgres if it is unavailable for too long
   */
  async change(group: Buffer, { added = [], removed = [] }: GroupChange, wait: StoreWait | undefined): Promise<void> {
    const change = async () => {
      if (added.length > 0) await this.repository.add(group, idsOf(added));
      if (removed.length > 0) await this.repository.remove(group, idsOf(removed));
    };
    await waitOutOutage(change, this.options.store.waitMs, wait);
  }
}

/** @throws DatabaseChangedError if a series belongs to a former database */
function idsOf(series: readonly Series[]): number[] {
  if (series.some(({ isForeign }) => isForeign)) throw new DatabaseChangedError();
  return series.map(({ id }) => id);
}

/** Returns the identity of a group, which is a hash of its labels. */
export function groupIdentityOf(labels: Readonly<Record<string, string>>): Buffer {
  const named = labelSetOf(labels).filter(([, value]) => value !== '');
  return createHash('sha256').update(labelsToText(named)).digest();
}
