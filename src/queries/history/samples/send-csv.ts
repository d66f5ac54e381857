import type { Request, Response } from 'express';
import { sendPage } from '../../../http/answers/send-page.js';
import { chooseOffer } from '../../../http/answers/accept.js';
import type { CsvExport } from './samples.service.js';

const CONTENT_TYPE = 'text/csv; charset=utf-8; header=present';

/** A client that reads nothing for this long is gone or broken, and must not keep its place among the requests. */
const STALLED_MS = 60_000;

const JSON_OFFER = { mediaType: 'application/json' };
const CSV_OFFER = { mediaType: 'text/csv' };

/** Whether a client prefers CSV to JSON, whatever parameters it adds to the media type. */
export function wantsCsv(request: Request): boolean {
  return chooseOffer(request.headers.accept, [JSON_OFFER, CSV_OFFER])?.offer === CSV_OFFER;
}

/** Streams a CSV as a file to save; headers carry what the JSON has besides the rows. */
export async function sendCsv(request: Request, response: Response, csv: CsvExport): Promise<void> {
  response.setTimeout(STALLED_MS, () => response.destroy());
  response.attachment(`${csv.metricName.replaceAll(':', '_')}.csv`);
  response.setHeader('X-Range', `${toIso(csv.range.from)}/${toIso(csv.range.to)}`);
  if (csv.range.cutBecause !== undefined) response.setHeader('X-Truncated-Because', csv.range.cutBecause);
  await sendPage(request, response, CONTENT_TYPE, csv.chunks);
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
