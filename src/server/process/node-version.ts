/**
 * The first release of each line whose V8 hashes strings like "4294705152" with a secret (CVE-2026-21717). In earlier releases,
 * 2.6 MB of such strings in one body block the process for 11 s, which body limits can't prevent.
 */
const FIRST_SAFE_RELEASES: ReadonlyMap<number, readonly [minor: number, patch: number]> = new Map([
  [20, [20, 2]],
  [22, [22, 2]],
  [24, [14, 1]],
  [25, [8, 2]],
]);

/** The newest line in the list. All later lines include the fix from their first release. */
const NEWEST_LINE = Math.max(...FIRST_SAFE_RELEASES.keys());

/** The supported versions as a range for package.json. */
export const SUPPORTED_NODE_VERSIONS = [...FIRST_SAFE_RELEASES]
  .map(([major, [minor, patch]]) => `${major === NEWEST_LINE ? '>=' : '^'}${major}.${minor}.${patch}`)
  .join(' || ');

/** Returns whether a Node.js version is safe from requests with crafted strings that block the event loop. */
export function isSupportedNode(version: string): boolean {
  const [major, minor, patch] = version.split('.', 3).map((part) => Number.parseInt(part, 10)) as [
    number,
    number,
    number,
  ];
  if (major > NEWEST_LINE) return true;
  const first = FIRST_SAFE_RELEASES.get(major);
  if (first === undefined) return false;
  return minor > first[0] || (minor === first[0] && patch >= first[1]);
}
