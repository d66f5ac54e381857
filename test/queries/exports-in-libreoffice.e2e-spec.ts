import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { at, BASE, HistoryApi, MINUTE } from '../support/history-api.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const isInstalled = spawnSync('soffice', ['--version']).status === 0;
const NOTE = isInstalled ? '' : ' (skipped: LibreOffice is not installed, see libreoffice-calc)';

/** LibreOffice's code of UTF-8. */
const UTF_8 = 76;

/** A cell as LibreOffice saves it: its type, its value or its text, and its formula if it has one. */
type Cell = readonly [type: string, value: string, formula?: string];

/**
 * Returns the options of LibreOffice's dialog for CSV files: the separator, `"` for quotes, UTF-8, all rows, the language of the
 * profile, and the detection of dates.
 */
function importOptions(separator: string): string {
  return `Text - txt - csv (StarCalc):${separator.charCodeAt(0)},34,${UTF_8},1,,0,false,true`;
}

function cellsOf(document: string): Cell[][] {
  return [...document.matchAll(/<table:table-row[^>]*>(.*?)<\/table:table-row>/gs)].map(([, row]) =>
    [...row!.matchAll(/<table:table-cell([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].map(
      ([, attributes, content]) => {
        const type = /office:value-type="(\w+)"/.exec(attributes!)?.[1] ?? '';
        const value = /office:(?:date-)?value="([^"]*)"/.exec(attributes!)?.[1];
        const formula = /table:formula="([^"]*)"/.exec(attributes!)?.[1];
        const shown = value ?? /<text:p>([^<]*)</.exec(content ?? '')?.[1] ?? '';
        return formula === undefined ? [type, shown] : [type, shown, formula];
      },
    ),
  );
}

describe('exports in LibreOffice', () => {
  const server = serviceUnderTest({});
  const history = new HistoryApi(server);
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'libreoffice-'));
    await history.pushAll([
      at(0, 'shown', 1234567.125, { who: '=1+1', app: 'Käse; "Wurst"' }),
      at(61, 'shown', -2.5e-7, { who: '＝1+1' }),
      at(122, 'shown', 1e21, { who: ' @SUM(A1)' }),
    ]);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** Opens a file as the dialog for CSV files does in a profile of one language, and returns its cells. */
  async function opened(csv: Buffer, language: string, separator: string): Promise<Cell[][]> {
    const profile = path.join(folder, `profile-${language}`);
    mkdirSync(path.join(profile, 'user'), { recursive: true });
    writeFileSync(
      path.join(profile, 'user/registrymodifications.xcu'),
      `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>${language}</value></prop></item></oor:items>`,
    );
    const file = path.join(folder, `${language}.csv`);
    writeFileSync(file, csv);
    await promisify(execFile)('soffice', [
      `-env:UserInstallation=file://${profile}`,
      '--headless',
      `--infilter=${importOptions(separator)}`,
      '--convert-to',
      'fods',
      '--outdir',
      folder,
      file,
    ]);
    return cellsOf(readFileSync(path.join(folder, `${language}.fods`), 'utf8'));
  }

  (isInstalled ? it : it.skip).each([
    ['de-DE', ';'],
    ['en-US', ','],
  ])(`are opened with numbers as numbers and dates as dates in %s${NOTE}`, async (language, separator) => {
    const range = `from=${BASE}&to=${BASE + 3 * MINUTE}&format=excel&locale=${language}&tz=Europe/Berlin`;
    const response = await history.get(`/api/history/samples?metric=shown&${range}`);
    const [sep, header, ...rows] = await opened(Buffer.from(await response.arrayBuffer()), language, separator);
    // LibreOffice takes the separator from this line, and keeps the rest of the line in the first row.
    expect(sep![0]).toEqual(['string', 'sep=']);
    expect(header!.map(([, text]) => text)).toEqual(['metric', 'at (Europe/Berlin)', 'value', 'app', 'who']);
    const local = (seconds: number) =>
      new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'Europe/Berlin' })
        .format(BASE + seconds * 1_000)
        .replace(' ', 'T');
    expect(rows.map((row) => row.slice(1, 3))).toEqual([
      [
        ['date', local(0)],
        ['float', '1234567.125'],
      ],
      [
        ['date', local(61)],
        ['float', '-0.00000025'],
      ],
      [
        ['date', local(122)],
        ['float', '1E+021'],
      ],
    ]);
    // LibreOffice itself may take the apostrophe as the mark of a text, and then it does not show it.
    const unmarked = ([type, text, ...formula]: Cell) => [type, text.replace(/^&apos;/, ''), ...formula];
    expect(rows.map((row) => row.slice(3).map(unmarked))).toEqual([
      [
        ['string', 'Käse; &quot;Wurst&quot;'],
        ['string', '=1+1'],
      ],
      [
        ['', ''],
        ['string', '＝1+1'],
      ],
      [
        ['', ''],
        ['string', ' @SUM(A1)'],
      ],
    ]);
  });

  (isInstalled ? it : it.skip)(`would be opened with formulas without the apostrophes${NOTE}`, async () => {
    const csv = 'metric,who\r\nshown,=1+1\r\n';
    expect((await opened(Buffer.from(csv), 'en-US', ','))[1]![1]).toEqual(['float', '2', 'of:=1+1']);
  });
});
