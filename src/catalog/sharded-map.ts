/**
 * Maps whole numbers to values, stored in many small maps.
 *
 * A single map of a million entries is copied in one step whenever it doubles, which blocks the event loop for a tenth of a
 * second and leaves the old copy to the garbage collector. A shard is copied in a fraction of a millisecond.
 */
export class ShardedMap<Value> {
  private readonly shards = Array.from({ length: SHARDS }, () => new Map<number, Value>());
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(key: number): Value | undefined {
    return this.shards[key & SHARD_MASK]!.get(key);
  }

  has(key: number): boolean {
    return this.shards[key & SHARD_MASK]!.has(key);
  }

  set(key: number, value: Value): void {
    const shard = this.shards[key & SHARD_MASK]!;
    const before = shard.size;
    shard.set(key, value);
    this.count += shard.size - before;
  }

  *keys(): Generator<number> {
    for (const shard of this.shards) yield* shard.keys();
  }

  delete(key: number): boolean {
    const wasThere = this.shards[key & SHARD_MASK]!.delete(key);
    if (wasThere) this.count--;
    return wasThere;
  }
}

/** The number of maps, a power of two. Ids are assigned consecutively, so their lowest bits distribute them evenly. */
const SHARDS = 256;
const SHARD_MASK = SHARDS - 1;
