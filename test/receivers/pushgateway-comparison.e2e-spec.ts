import { gzipSync } from 'node:zlib';
import { startServer, type TestServer, createToken } from '../support/server.js';
import { isPushgatewayInstalled, type RealPushgateway, startPushgateway } from '../support/pushgateway.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** One request that is sent to both servers. */
interface Step {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Our status and the reason for it, if it differs from that of the Pushgateway. */
  readonly differs?: { readonly status: number; readonly because: string };
}

const put = (path: string, body: string, rest: Partial<Step> = {}): Step => ({ method: 'PUT', path, body, ...rest });
const post = (path: string, body: string): Step => ({ method: 'POST', path, body });
const remove = (path: string): Step => ({ method: 'DELETE', path });

const EVERYTHING = [
  '# HELP all_total Help with a \\\\ and a \\n line',
  '# TYPE all_total counter',
  'all_total{label="a\\"b\\\\c\\nd"} 5',
  '# TYPE all_counter counter',
  'all_counter 1.5e3',
  '# TYPE all_gauge gauge',
  'all_gauge{x="1"} -2',
  'all_gauge{x="2"} 0',
  'all_untyped 7',
  '# TYPE all_summary summary',
  'all_summary{quantile="0.5"} 1',
  'all_summary_sum 10',
  'all_summary_count 4',
  '# TYPE all_histogram histogram',
  'all_histogram_bucket{le="0.1"} 1',
  'all_histogram_bucket{le="1"} 2',
  'all_histogram_sum 3.5',
  'all_histogram_count 3',
  '',
].join('\n');

/** The cases. No two of them use the same job. */
const CASES: Readonly<Record<string, readonly Step[]>> = {
  'takes all types': [put('/metrics/job/types', EVERYTHING)],
  'replaces a group by PUT': [
    put('/metrics/job/replace', 'r_a{x="1"} 1\nr_a{x="2"} 2\nr_b 1\n'),
    put('/metrics/job/replace', 'r_a{x="2"} 3\n'),
  ],
  'replaces metrics of the same names by POST': [
    put('/metrics/job/add', 'p_a{x="1"} 1\np_a{x="2"} 2\np_b 1\n'),
    post('/metrics/job/add', 'p_a{x="3"} 3\np_c 1\n'),
  ],
  'begins a group by POST': [post('/metrics/job/begun', 'begun 1\n')],
  'deletes a group': [put('/metrics/job/gone', 'gone 1\n'), remove('/metrics/job/gone')],
  'brings a deleted group back': [
    put('/metrics/job/back', 'back{x="1"} 1\nback{x="2"} 1\n'),
    remove('/metrics/job/back'),
    put('/metrics/job/back', 'back{x="2"} 2\n'),
  ],
  'deletes what is not there': [remove('/metrics/job/never'), remove('/metrics/job/never/a/b')],
  'keeps groups apart': [
    put('/metrics/job/apart', 'apart 1\n'),
    put('/metrics/job/apart/instance/a', 'apart 2\n'),
    put('/metrics/job/apart/instance/b', 'apart 3\n'),
    remove('/metrics/job/apart/instance/a'),
  ],
  'takes the order of labels for nothing': [
    put('/metrics/job/order/a/1/b/2', 'order 1\n'),
    put('/metrics/job/order/b/2/a/1', 'order 2\n'),
  ],
  'empties a group by an empty page': [put('/metrics/job/empty', 'empty 1\n'), put('/metrics/job/empty', '')],
  'takes a slash at the end': [put('/metrics/job/slash/', 'slash 1\n')],
  'reads base64': [
    put('/metrics/job@base64/YmFzZTY0L2pvYg', 'in_base64 1\n'),
    put('/metrics/job/base64/path@base64/L3Zhci90bXA', 'in_base64 1\n'),
    put('/metrics/job/base64/path@base64/L3Zhci90bXA=', 'in_base64 2\n'),
    put('/metrics/job/base64/empty@base64/=', 'in_base64 3\n'),
  ],
  'reads percent-encoding': [put('/metrics/job/per%20cent/l/%CE%A0%22', 'percent 1\n')],
  'lets the group win over labels of the page': [
    put('/metrics/job/wins/instance/a', 'wins{job="x",instance="y",z="1"} 1\n'),
    put('/metrics/job/wins/instance@base64/=', 'wins{instance="y"} 1\n'),
  ],
  'takes what curl sends': [
    put('/metrics/job/curl', 'curl 1\n', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
  ],
  'is lenient about blanks and comments': [put('/metrics/job/blank', '\n# a comment\n  blank  {  a = "b" , }  1\n')],
  'takes a family in pieces': [put('/metrics/job/pieces', 'piece{a="1"} 1\nother_piece 1\npiece{a="2"} 2\n')],

  'takes names of the metrics that the service has itself': [
    put('/metrics/job/own', '# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 5\n'),
    put('/metrics/job/own/instance/a', '# TYPE process_open_fds gauge\nprocess_open_fds 5\n'),
    put('/metrics/job/own/instance/b', '# TYPE process_cpu_seconds_total gauge\nprocess_cpu_seconds_total 5\n'),
  ],
  'takes the two gauges that Python adds': [
    put(
      '/metrics/job/python',
      [
        '# TYPE py_total counter',
        'py_total 1',
        '# TYPE py_created gauge',
        'py_created 1.7e+09',
        '# TYPE py_seconds histogram',
        'py_seconds_bucket{le="1.0"} 1',
        'py_seconds_bucket{le="+Inf"} 1',
        'py_seconds_count 1',
        'py_seconds_sum 0.5',
        '# TYPE py_seconds_created gauge',
        'py_seconds_created 1.7e+09',
        '',
      ].join('\n'),
    ),
  ],

  'refuses a page without its last line feed': [put('/metrics/job/cut', 'cut 1')],
  'refuses what is no page': [
    put('/metrics/job/bad', 'bad page here\n'),
    put('/metrics/job/bad', '{"json": true}\n'),
    put('/metrics/job/bad', 'bad{a="1} 1\n'),
    put('/metrics/job/bad', 'bad{a="1",a="2"} 1\n'),
    put('/metrics/job/bad', 'bad{a="\\t"} 1\n'),
    put('/metrics/job/bad', 'bad 1 2 3\n'),
    put('/metrics/job/bad', '# TYPE bad sort\nbad 1\n'),
    put('/metrics/job/bad', '# TYPE bad gauge\n# TYPE bad gauge\nbad 1\n'),
    put('/metrics/job/bad', 'bad 1\n# TYPE bad gauge\n'),
    put('/metrics/job/bad', '# HELP bad a\n# HELP bad b\nbad 1\n'),
  ],
  'refuses a page that contradicts itself or others': [
    put('/metrics/job/twice', 'twice{a="1"} 1\ntwice{a="1"} 2\n'),
    put('/metrics/job/typed', '# TYPE typed counter\ntyped 1\n'),
    put('/metrics/job/typed-otherwise', '# TYPE typed gauge\ntyped 1\n'),
    post('/metrics/job/typed-otherwise', 'fine 1\n'),
  ],
  'takes infinite gauges, but not without a type': [
    put('/metrics/job/infinite', '# TYPE infinite gauge\ninfinite{a="1"} +Inf\ninfinite{a="2"} 5\ninfinite_too -Inf\n'),
  ],
  'takes carriage returns only where they are text': [
    put('/metrics/job/crlf', 'crlf 1\r\n'),
    put('/metrics/job/crlf', 'crlf{a="1"} 1 \r\n'),
    put('/metrics/job/crlf', '# TYPE crlf gauge\r\ncrlf 1\n'),
    put('/metrics/job/crlf', '\r\ncrlf 1\n'),
    put('/metrics/job/crlf', '# HELP crlf\r\ncrlf 1\n'),
    put('/metrics/job/crlf', '# text\r\ncrlf{a="x\r"} 1\n'),
    put('/metrics/job/crlf', '# HELP crlf_help x\r\ncrlf_help 1\n'),
  ],
  'refuses paths that name no group': [
    put('/metrics/job/odd/a', 'odd 1\n'),
    put('/metrics/job/odd/in-valid/a', 'odd 1\n'),
    put('/metrics/job/odd/__reserved/a', 'odd 1\n'),
    put('/metrics/job@base64/=', 'odd 1\n'),
    put('/metrics/job/odd/a@base64/%25', 'odd 1\n'),
    remove('/metrics/job/odd/a'),
  ],

  'differs: times': [
    put('/metrics/job/time', `timed 1 ${Date.now()}\n`, {
      differs: { status: 200, because: 'a sample is kept with its time' },
    }),
  ],
  'differs: values that cannot be kept': [
    put('/metrics/job/infinite-counter', '# TYPE infinite_total counter\ninfinite_total +Inf\n', {
      differs: { status: 400, because: 'nothing could be added to it' },
    }),
  ],
  'differs: impossible histograms': [
    put(
      '/metrics/job/impossible',
      '# TYPE impossible histogram\nimpossible_bucket{le="1"} 5\nimpossible_sum 1\nimpossible_count 2\n',
      { differs: { status: 400, because: 'no query could make sense of it' } },
    ),
  ],
  'differs: what Prometheus writes about each target': [
    put('/metrics/job/up', 'up 1\n', { differs: { status: 400, because: 'an alert would take it for the real one' } }),
  ],
  'differs: a slash in a value': [
    put('/metrics/job/a/path/x%2Fy', 'slashed 1\n', {
      differs: { status: 200, because: 'what is encoded is a value and no path' },
    }),
  ],
};

/** Series that are in only one of the expositions, with the reasons. */
const OTHER_SERIES: readonly [series: RegExp, because: string][] = [
  [/^infinite_too\{/, 'an infinite sample without a type may belong to a counter'],
  [
    /^(?:timed|slashed|infinite_total|impossible|up\{)|job="(?:time|infinite-counter|impossible|up|a)"/,
    'another status, see there',
  ],
];

const describeIfInstalled = isPushgatewayInstalled() ? describe : describe.skip;

describeIfInstalled('a Pushgateway and this service (skipped without prometheus-pushgateway)', () => {
  let database: TestDatabase;
  let server: TestServer;
  let real: RealPushgateway;
  let token: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    [server, real] = await Promise.all([startServer({ DATABASE_URL: database.url }), startPushgateway()]);
    token = await createToken(server, { defaultTemporality: 'cumulative' });
  });

  afterAll(async () => {
    await real.stop();
    await server.kill();
    await database.drop();
  });

  const send = async (url: string, { method, path, body, headers }: Step): Promise<number> => {
    const response = await fetch(url + path, {
      method,
      headers: { Authorization: `Basic ${Buffer.from(`jobs:${token}`).toString('base64')}`, ...headers },
      body,
    });
    await response.text();
    return response.status;
  };

  /** Returns the values of the pushed series, by name and non-empty labels. */
  const pushedSeries = async (page: string): Promise<Map<string, string>> => {
    const text = await (await fetch(page)).text();
    const series = new Map<string, string>();
    for (const line of text.split('\n')) {
      const match = /^(\w+)\{(.*)\} (\S+)$/.exec(line);
      if (match === null || !/(?:^|,)job="/.test(match[2]!)) continue;
      const labels = [...match[2]!.matchAll(/(\w+)="((?:[^"\\]|\\.)+)"/g)].map(([pair]) => pair).toSorted();
      series.set(`${match[1]}{${labels.join(',')}}`, match[3]!);
    }
    return series;
  };

  test.each(Object.entries(CASES))('%s', async (_name, steps) => {
    for (const step of steps) {
      const theirs = await send(real.url, step);
      const ours = await send(server.url, step);
      expect({ step, ours }).toEqual({ step, ours: step.differs?.status ?? theirs });
      if (step.differs !== undefined) expect(theirs).not.toBe(step.differs.status);
    }
  });

  test('show the same in the end', async () => {
    const theirs = await pushedSeries(`${real.url}/metrics`);
    const ours = await pushedSeries(server.metricsUrl);
    const isNamed = (series: string) => OTHER_SERIES.some(([pattern]) => pattern.test(series));
    const comparable = (all: ReadonlyMap<string, string>) =>
      [...all]
        .filter(([series]) => !isNamed(series))
        // The push times differ by the time between the two requests.
        .map(([series, value]) => [series, series.startsWith('push_') ? Number(value) > 0 : Number(value)])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    expect(comparable(ours)).toEqual(comparable(theirs));
    expect(ours.size).toBeGreaterThan(60);
  });

  test('take gzip (tested only here, because the installed Pushgateway may be too old for it)', async () => {
    const response = await fetch(`${server.url}/metrics/job/zipped`, {
      method: 'PUT',
      headers: { Authorization: token, 'Content-Encoding': 'gzip' },
      body: gzipSync('zipped 1\n'),
    });
    expect(response.status).toBe(200);
    expect((await pushedSeries(server.metricsUrl)).get('zipped{job="zipped"}')).toBe('1');
  });
});
