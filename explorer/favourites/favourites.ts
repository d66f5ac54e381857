import { signal } from '@preact/signals';

const STORED = 'custom-metrics-favourites';

/** The names of the favourite metrics, which are stored in this browser. */
export const favourites = signal<ReadonlySet<string>>(new Set(stored()));

function stored(): string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

/** Adds a metric to the favourites, or removes it. */
export function toggleFavourite(name: string): void {
  const names = new Set(favourites.peek());
  if (!names.delete(name)) names.add(name);
  favourites.value = names;
  localStorage.setItem(STORED, JSON.stringify([...names]));
}
