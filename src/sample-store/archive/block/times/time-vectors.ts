import type { BitWriter } from '../bits/bit-writer.js';
import { ColumnPlan } from '../columns/column-plan.js';
import { PresencePlan } from './presence-plan.js';
import { groupByCommonTimes, type TimeGroup } from './time-groups.js';
import { MAX_SAMPLES } from '../format.js';

/**
 * Approximate size of a vector in the directory, in bits. An additional vector that serves as a base must save more than this.
 */
const DIRECTORY_BITS = 8 * 15;

/** A vector of times that is written once, for all members that have exactly these times. */
export interface TimeVector {
  readonly times: Float64Array;
  /** The number of the base: another vector that has all times of this one, or the vector itself. */
  base: number;
}

const offsets = new Float64Array(MAX_SAMPLES);

/** Collects the times of the members of a block, each vector once, and decides which vectors are parts of another one. */
export class TimeVectors {
  readonly vectors: TimeVector[] = [];
  private readonly column = new ColumnPlan();
  private readonly presence = new PresencePlan();

  clear(): void {
    this.vectors.length = 0;
  }

  /** @returns the number of the vector with these times */
  add(times: Float64Array): number {
    const { vectors } = this;
    for (let number = 0; number < vectors.length; number++) if (areEqual(vectors[number]!.times, times)) return number;
    return vectors.push({ times, base: vectors.length }) - 1;
  }

  /**
   * Chooses base vectors: the times of members that miss some pushes of their client are written as a part of the times of all
   * pushes, if that takes fewer bits.
   */
  findBases(): void {
    if (this.vectors.length < 2) return;
    for (const group of groupByCommonTimes(this.vectors.map(({ times }) => times))) this.useBase(group);
  }

  write(writer: BitWriter, number: number): void {
    const { times, base } = this.vectors[number]!;
    if (base === number) {
      this.planAlone(times);
      this.column.write(writer);
    } else {
      this.presence.plan(times, this.vectors[base]!.times);
      this.presence.write(writer);
    }
  }

  private useBase({ members, union }: TimeGroup): void {
    const existing = members.find((number) => this.vectors[number]!.times.length === union.length);
    let saved = existing === undefined ? -DIRECTORY_BITS - this.planAlone(union) : 0;
    const parts = members.filter((number) => {
      if (number === existing) return false;
      const { times } = this.vectors[number]!;
      const gain = this.planAlone(times) - this.presence.plan(times, union);
      if (gain > 0) saved += gain;
      return gain > 0;
    });
    if (saved <= 0) return;
    const base = existing ?? this.vectors.length;
    if (existing === undefined) this.vectors.push({ times: union, base });
    for (const number of parts) this.vectors[number]!.base = base;
  }

  private planAlone(times: Float64Array): number {
    const first = times[0]!;
    for (let index = 0; index < times.length; index++) offsets[index] = times[index]! - first;
    return this.column.plan(offsets, times.length);
  }
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  const last = a.length - 1;
  if (last !== b.length - 1 || a[last] !== b[last]) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
