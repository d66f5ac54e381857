/**
 * An app with a real SDK of Unleash, which a test controls: `node sdk-app.mjs server|browser '<options>'`. The app receives
 * over IPC which methods of the SDK's metrics to call, and reports the events of the SDK.
 */
import process from 'node:process';

const [kind, optionsText] = process.argv.slice(2);
const options = JSON.parse(optionsText);

const sdk = await (kind === 'server' ? startServerSdk() : startBrowserSdk());

async function startServerSdk() {
  const { InMemStorageProvider, Unleash } = await import('unleash-client');
  return new Unleash({ storageProvider: new InMemStorageProvider(), skipInstanceCountWarning: true, ...options });
}

async function startBrowserSdk() {
  const { InMemoryStorageProvider, UnleashClient } = await import('unleash-proxy-client');
  // The browser SDK uses Node.js' fetch, as a web page would use its own.
  const client = new UnleashClient({ fetch, storageProvider: new InMemoryStorageProvider(), ...options });
  void client.start();
  return client;
}

/** Calls that wait for an event of the SDK. */
const waiting = [];

for (const event of ['ready', 'synchronized', 'registered', 'unchanged', 'changed', 'sent', 'warn', 'error']) {
  sdk.on(event, (detail) => {
    // The calls run in the listener itself, because no post is running at that moment.
    for (const call of waiting.splice(0)) {
      if (call.after === event) run(call);
      else waiting.push(call);
    }
    process.send({ event, detail: event === 'warn' || event === 'error' ? describe(detail) : undefined });
  });
}

process.on('message', (call) => {
  if (call.after === undefined) run(call);
  else waiting.push(call);
});
process.on('disconnect', () => process.exit());

function run({ id, method, args }) {
  try {
    sdk.impactMetrics[method](...args);
    process.send({ done: id });
  } catch (error) {
    process.send({ done: id, failed: describe(error) });
  }
}

function describe(detail) {
  return detail instanceof Error ? detail.message : typeof detail === 'string' ? detail : JSON.stringify(detail);
}
