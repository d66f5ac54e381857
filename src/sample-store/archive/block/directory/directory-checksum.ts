import { crc16 } from '../bits/crc16.js';
import type { MemberSet } from '../member-set.js';
import { CHECKSUM_BYTES } from '../format.js';

const memberBytes = new DataView(new ArrayBuffer(8));
const memberByteArray = new Uint8Array(memberBytes.buffer);

/**
 * Returns the checksum of a directory. It also covers the set of members, because the set determines which series the samples
 * belong to.
 */
export function directoryChecksum(members: MemberSet, directory: Uint8Array): number {
  memberBytes.setUint32(0, members.high);
  memberBytes.setUint32(4, members.low);
  return crc16(directory, 0, directory.length - CHECKSUM_BYTES, crc16(memberByteArray, 0, 8));
}
