/** Number of colours. Not everybody could tell more of them apart. */
export const COLOURS = 6;

/**
 * Assigns a slot in the list of colours to each line. The slot is derived from the name, so that a line has the same colour in
 * every chart. If that slot is taken, the line gets the next free one. Once all six are taken, a second round of slots begins,
 * whose lines are dashed.
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

/** Returns the FNV-1a hash of a text, which distributes short texts well. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
