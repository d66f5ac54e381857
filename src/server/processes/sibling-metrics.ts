import http from 'node:http';
import { text } from 'node:stream/consumers';
import type { OwnFamily } from '../../catalog/metric/own-metrics.js';
import type { Sibling } from './messages.js';
import { familiesFromJson, joinFamilies } from './own-families.js';
import { LOOPBACK, OWN_METRICS_PATH, SECRET_HEADER } from './sibling-requests.js';
import type { Siblings } from './siblings.js';

/** Maximum wait for another process. A scrape leaves out the own metrics of a process that is too busy to answer. */
const ANSWER_MS = 1_000;

/** Adds the own metrics of the other processes to those of this one. */
export async function withSiblings(siblings: Siblings, own: readonly OwnFamily[]): Promise<OwnFamily[]> {
  const others = await Promise.all(
    siblings.others.map(async (sibling) => ({
      number: sibling.number,
      families: await familiesOf(sibling, siblings.secret).catch(() => []),
    })),
  );
  return joinFamilies([{ number: siblings.number, families: own }, ...others]);
}

async function familiesOf({ port }: Sibling, secret: string): Promise<OwnFamily[]> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const headers = { [SECRET_HEADER]: secret };
    http.get({ host: LOOPBACK, port, path: OWN_METRICS_PATH, headers, signal }, resolve).once('error', reject);
  });
  const body = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`Another process has answered ${answer.statusCode}.`);
  return familiesFromJson(body);
}
