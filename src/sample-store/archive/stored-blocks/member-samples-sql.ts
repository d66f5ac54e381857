/**
 * Returns an SQL expression that reads from a block's directory how many samples of a member the block has.
 *
 * @param block the alias of the row of the block
 * @param member an SQL expression for the index of a member, which must be in the block
 */
export function memberSampleCount(block: string, member: string): string {
  const byte = (place: string) => `get_byte(${block}.directory, ${place})`;
  const endBytes = `(${byte('0')} & 3) + 1`;
  const hasBases = `((${byte('0')} & 4) >> 2)`;
  const vectorBytes = `(${hasBases} + 12 + ${endBytes})`;
  const place = `bit_count((${block}.members & ~((-1)::int8 << ${member}))::bit(64))::int`;
  const entry = `2 + ${byte('1')} * ${vectorBytes} + ${place} * (3 + ${endBytes})`;
  const vector = `CASE WHEN ${byte('1')} > 1 THEN ${byte(entry)} ELSE 0 END`;
  return `(SELECT ${byte('entry.first')} * 256 + ${byte('entry.first + 1')}
           FROM (SELECT 2 + ${vectorBytes} * (${vector}) + ${hasBases} AS first) AS entry)`;
}
