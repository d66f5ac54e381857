import type { Request, Response } from 'express';
import { sendPage } from '../../../http/answers/send-page.js';
import { TimeZone } from '../calendar/time-zone.js';
import type { TimeRange } from '../time-range.js';

const CONTENT_TYPE = 'text/csv; charset=utf-8; header=present';

/**
 * Maximum time without progress. A client that reads nothing for this time is gone or broken, and must not keep its place among
 * the requests.
 */
const STALLED_MS = 60_000;

/** Maximum number of bytes of a metric's name in the name of a file. File systems allow 255 bytes in all. */
const MAX_NAME_IN_FILE = 150;

/** A file to send. */
export interface CsvExport {
  readonly metricName: string;
  readonly range: TimeRange;
  /** The zone of the times in the name of the file; UTC if undefined. */
  readonly zone: TimeZone | undefined;
  /** The parts of the CSV, as texts or in UTF-8. */
  readonly chunks: AsyncIterable<string | Uint8Array>;
}

/** Streams a CSV as a file to save. Headers contain its range and, if the range was truncated, the reason. */
export async function sendCsv(request: Request, response: Response, csv: CsvExport): Promise<void> {
  const { from, to, cutBecause } = csv.range;
  response.setTimeout(STALLED_MS, () => response.destroy());
  response.attachment(fileNameOf(csv));
  response.setHeader('X-Range', `${new Date(from).toISOString()}/${new Date(to).toISOString()}`);
  if (cutBecause !== undefined) response.setHeader('X-Truncated-Because', cutBecause);
  await sendPage(request, response, CONTENT_TYPE, csv.chunks);
}

/** Matches the characters that some file systems do not allow in names, or that separate folders. */
const NOT_IN_FILE_NAMES = /[\\/:*?"<>|\p{Cc}]/gu;

/** Returns a file name that contains the metric and the range. */
export function fileNameOf({ metricName, range: { from, to }, zone = TimeZone.utc() }: CsvExport): string {
  const [start, end] = [from, to].map((at) =>
    new Date(zone.toLocal(at)).toISOString().slice(0, 19).replaceAll(':', ''),
  );
  // This reads whole characters only, so it cuts none in half.
  const { read } = new TextEncoder().encodeInto(metricName, new Uint8Array(MAX_NAME_IN_FILE));
  return `${metricName.slice(0, read).replaceAll(NOT_IN_FILE_NAMES, '_')}_${start}_${end}.csv`;
}
