import { PREFIX } from './series-name.js';
import { send } from './http-client.js';

/** The part of an exposition that belongs to the test. */
export interface CustomPage {
  /** All its lines, sorted, because the order of series differs between processes. */
  readonly lines: readonly string[];
  /** The printed numbers by series. */
  readonly values: ReadonlyMap<string, number>;
}

/**
 * Reads the exposition of a process.
 *
 * @throws Error if the process does not answer in time, or does not answer with an exposition
 */
export async function scrapeCustom(url: string, timeoutMs: number): Promise<CustomPage> {
  const answer = await send(`${url}/metrics`, { headers: { Accept: 'text/plain' }, timeoutMs });
  if (answer.status !== 200) throw new Error(`scrape: ${answer.status} ${answer.body.slice(0, 200)}`);
  return parseCustom(answer.body);
}

function parseCustom(page: string): CustomPage {
  const values = new Map<string, number>();
  const lines: string[] = [];
  for (const line of page.split('\n')) {
    const isSample = line.startsWith(PREFIX);
    if (!isSample && !/^# (HELP|TYPE) ledger_/.test(line)) continue;
    lines.push(line);
    if (!isSample) continue;
    const end = line.lastIndexOf(' ');
    values.set(line.slice(0, end), Number(line.slice(end + 1)));
  }
  return { lines: lines.toSorted(), values };
}
