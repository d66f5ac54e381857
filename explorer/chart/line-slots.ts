/** As many colours as all eyes can tell apart. */
export const COLOURS = 6;

/**
 * Gives each line a place in the list of colours. The place follows from the name, so that a line keeps its colour from chart to
 * chart; where it is taken, the next free one of the round is used. When all six are taken, a second round begins, which is dashed.
 */
export function slotsOf(names: readonly string[]): number[] {
  const taken = new Set<number>();
  return names.map((name, index) => {
    const round = Math.floor(index / COLOURS) * COLOURS;
    const preferred = hashOf(name) % COLOURS;
    for (let step = 0; ; step += 1) {
      const slot = round + ((preferred + step) % COLOURS);
      if (taken.has(slot)) continue;
      taken.add(slot);
      return slot;
    }
  });
}

/** FNV-1a, which spreads short texts well. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
