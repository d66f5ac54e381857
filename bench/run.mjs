// npm run bench -- <name> […] runs a benchmark on dist/. The script does not build dist/.
const [name, ...rest] = process.argv.slice(2);
const BENCHMARKS = [
  'ingest',
  'scrape',
  'burst',
  'start',
  'codec',
  'disk',
  'plain-table',
  'history',
  'breakdown',
  'pushdown',
  'read',
  'promql',
  'remote-write',
  'small',
  'wide',
  'soak',
  'series',
  'forwarding',
  'processes',
];

/** The file of a benchmark whose name is that of another file. */
const FILES = { processes: 'more-processes' };

if (!BENCHMARKS.includes(name)) {
  console.error(`Which benchmark? ${BENCHMARKS.join(', ')}`);
  process.exit(64);
}
const { run } = await import(`./${FILES[name] ?? name}.mjs`);
await run(rest);
