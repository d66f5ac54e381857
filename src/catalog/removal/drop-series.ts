import { Turns } from '../../scheduling/turns.js';
import type { CatalogIndex } from '../catalog-index.js';

/**
 * Removes series from the memory of a catalog, in turns with other work, because there may be very many.
 *
 * @param onChange runs after series were removed, before other work gets a turn
 * @param isCurrent returns false once the catalog has another index, which ends the work
 */
export async function dropSeriesInTurns(
  index: CatalogIndex,
  ids: readonly number[],
  onChange: () => void,
  isCurrent: () => boolean,
): Promise<void> {
  const turns = new Turns();
  let isChanged = false;
  const note = () => {
    if (isChanged) onChange();
    isChanged = false;
  };
  for (const id of ids) {
    if (index.removeSeries(id)) isChanged = true;
    if (!turns.isUp) continue;
    // This must run before other work gets a turn. Otherwise a cache could still resolve an item to a removed series.
    note();
    await turns.give();
    if (!isCurrent()) return;
  }
  note();
}
