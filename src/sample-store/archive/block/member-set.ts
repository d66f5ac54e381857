/** A set of the numbers 0 to 63, as the two halves of a 64-bit integer: bit 0 of `low` is the number 0. Both are unsigned. */
export interface MemberSet {
  readonly high: number;
  readonly low: number;
}

/** Adds a number to a set that is being built. */
export function addMember(set: { high: number; low: number }, member: number): void {
  if (member < 32) set.low = (set.low | (1 << member)) >>> 0;
  else set.high = (set.high | (1 << (member - 32))) >>> 0;
}

export function hasMember({ high, low }: MemberSet, member: number): boolean {
  return (((member < 32 ? low : high) >>> (member & 31)) & 1) === 1;
}

export function countMembers({ high, low }: MemberSet): number {
  return countBits(high) + countBits(low);
}

/** Returns the number of smaller numbers in the set, which is the place of this number in the set. */
export function placeOfMember({ high, low }: MemberSet, member: number): number {
  const smaller = (1 << (member & 31)) - 1;
  return member < 32 ? countBits(low & smaller) : countBits(low) + countBits(high & smaller);
}

/** Counts the bits pair by pair, then four by four, and adds the bytes by one multiplication (Hacker's Delight, chapter 5). */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Returns the numbers of the set in ascending order. */
export function membersOf(set: MemberSet): number[] {
  const members: number[] = [];
  for (let member = 0; member < 64; member++) if (hasMember(set, member)) members.push(member);
  return members;
}

/** Returns the set of the numbers that are in both sets. */
export function commonMembers(a: MemberSet, b: MemberSet): MemberSet {
  return { high: (a.high & b.high) >>> 0, low: (a.low & b.low) >>> 0 };
}

/** Returns the set of the numbers of the first set that are not in the second one. */
export function withoutMembers(set: MemberSet, removed: MemberSet): MemberSet {
  return { high: (set.high & ~removed.high) >>> 0, low: (set.low & ~removed.low) >>> 0 };
}

export function isEmptySet({ high, low }: MemberSet): boolean {
  return high === 0 && low === 0;
}
