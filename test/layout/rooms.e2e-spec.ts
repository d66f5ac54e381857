import { readdirSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Maximum number of source files of a room, without its tests and its sub-folders. */
const MOST_FILES = 15;

describe('a room', () => {
  it('has few enough files to see them at a glance', () => {
    const rooms = new Map<string, number>();
    for (const entry of readdirSync(path.join(ROOT, 'src'), { recursive: true, withFileTypes: true })) {
      if (!entry.name.endsWith('.ts') || entry.name.endsWith('.spec.ts')) continue;
      const room = path.relative(ROOT, entry.parentPath);
      rooms.set(room, (rooms.get(room) ?? 0) + 1);
    }
    expect([...rooms].filter(([, files]) => files > MOST_FILES)).toEqual([]);
  });
});
