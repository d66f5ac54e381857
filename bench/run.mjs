// npm run bench -- <name> […]: builds nothing, measures dist/.
const [name, ...rest] = process.argv.slice(2);
const BENCHMARKS = [
  'ingest',
  'scrape',
  'burst',
  'start',
  'disk',
  'history',
  'pushdown',
  'read',
  'promql',
  'soak',
  'series',
];

if (!BENCHMARKS.includes(name)) {
  console.error(`Which benchmark? ${BENCHMARKS.join(', ')}`);
  process.exit(64);
}
const { run } = await import(`./${name}.mjs`);
await run(rest);
