import { SeededRandom } from '../support/seeded-random.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ATTACK_KINDS, type AttackKind, makeAttack } from './attacks.js';
import { describeAttack, HostileReport } from './report.js';
import { readRoutes, type Route } from './routes.js';
import { type HostileRequest, type Outcome, send } from './send.js';
import { readHostileSettings } from './settings.js';
import { storeData } from './stored-data.js';
import { type Harm, HEAP_LIMIT_MIB, WatchedServer } from './watched-server.js';

/** Longer than this nobody may be kept waiting by anything that somebody else sends. */
const LONGEST_GAP_MS = 250;

/** A pause of the machine also keeps a probe waiting. An attack that does so by itself does so every time. */
const TRIES = 4;

/**
 * Nobody without a token can slow the service, and nobody with the weakest token can stop it.
 *
 * The short form attacks every route in two ways. `npm run test:hostile -- --seed 1 --minutes 20` goes on with new attacks
 * until the time is up and prints the worst for each route. The seed decides what is sent; the machine decides the timing.
 */
describe('the hostile suite', () => {
  const settings = readHostileSettings(process.env);
  const print = (line: string) => void (settings.isWatched && process.stderr.write(`${line}\n`));
  const report = new HostileReport();
  const failures: string[] = [];
  // The short form runs wherever the tests run, also on a machine that is busy with something else.
  const waitOf = ({ gapMs, queuedMs }: Harm) => (settings.minutes > 0 ? gapMs : gapMs - queuedMs);
  const isTooMuch = (harm: Harm) => waitOf(harm) > LONGEST_GAP_MS || harm.heapMiB > HEAP_LIMIT_MIB;
  let database: TestDatabase;
  let watched: WatchedServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    watched = await WatchedServer.start(database.url);
    await storeData(watched.server, settings.storedSeries);
    await watched.takeHarm();
  });

  afterAll(async () => {
    print(report.toString());
    await watched?.stop();
    await database?.drop();
  });

  test(
    `with seed ${settings.seed}: no attack on any route stops the service, holds it up or fills its memory`,
    async () => {
      const random = new SeededRandom(settings.seed);
      const routes = readRoutes().filter((route) => nameOf(route).includes(settings.only));
      const endsAt = performance.now() + settings.minutes * 60_000;
      do {
        for (const [index, route] of random.shuffled(routes).entries()) {
          for (let turn = 0; turn < settings.kindsPerRoute; turn++) {
            const kind = ATTACK_KINDS[(index * settings.kindsPerRoute + turn) % ATTACK_KINDS.length]!;
            await attack(route, kind, random.fork());
          }
          if (performance.now() > endsAt && settings.minutes > 0) break;
        }
      } while (performance.now() < endsAt);
      expect(failures).toEqual([]);
    },
    240_000 + settings.minutes * 90_000,
  );

  async function attack(route: Route, kind: AttackKind, random: SeededRandom): Promise<void> {
    const authorization = random.isTrue(0.1)
      ? { authorization: `wrong:development.${random.integer(0, 1e9)}` }
      : watched.authorizationOf(route.sender);
    const requests = makeAttack(route, kind, random).map((request) => ({
      ...request,
      headers: { ...authorization, ...request.headers },
    }));
    let harm: Harm | undefined;
    for (let tries = 0; tries < TRIES && (harm === undefined || isTooMuch(harm)); tries++) {
      const again = await carryOut(route, kind, requests);
      if (harm === undefined || waitOf(again) < waitOf(harm)) harm = again;
    }
    report.note(nameOf(route), kind, requests, harm!);
    if (isTooMuch(harm!)) fail(route, kind, requests, `did this: ${JSON.stringify(harm)}`);
  }

  /** The run goes on, so that it finds everything. */
  function fail(route: Route, kind: AttackKind, requests: readonly HostileRequest[], how: string): void {
    failures.push(`${nameOf(route)}: ${describeAttack(kind, requests)} ${how}`);
    print(failures.at(-1)!);
  }

  async function carryOut(route: Route, kind: AttackKind, requests: readonly HostileRequest[]): Promise<Harm> {
    const url = watched.urlFor(route.path);
    const outcomes = await Promise.all(requests.map((request) => send(url, request)));
    const harm = await watched.takeHarm();
    if (!watched.isAlive) {
      fail(route, kind, requests, `ended the service:\n${watched.server.output().slice(-2_000)}`);
      await watched.stop();
      watched = await WatchedServer.start(database.url);
      return { ...harm, gapMs: 0 };
    }
    const wrong = outcomes.find((outcome) => isWrong(outcome));
    if (wrong !== undefined) fail(route, kind, requests, `was answered ${JSON.stringify(wrong)}`);
    return harm;
  }
});

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

/** What will pass is 503 and says when; every other error is the sender's. */
function isWrong({ status, retryAfter }: Outcome): boolean {
  return status >= 500 && !(status === 503 && retryAfter !== undefined);
}
