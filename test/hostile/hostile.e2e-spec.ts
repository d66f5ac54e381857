import { SeededRandom } from '../support/seeded-random.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { ATTACK_KINDS, type AttackKind, makeAttack } from './attacks.js';
import { describeAttack, HostileReport } from './report.js';
import { readRoutes, type Route } from './routes.js';
import { type HostileRequest, type Outcome, send } from './send.js';
import { readHostileSettings } from './settings.js';
import { storeData } from './stored-data.js';
import { type Harm, HEAP_LIMIT_MIB, WatchedServer } from './watched-server.js';

/** Maximum time for which a client may have to wait because of other clients' requests. */
const LONGEST_GAP_MS = 250;

/** Number of attempts. A pause of the machine can delay a probe as well, but a harmful attack delays one in every attempt. */
const TRIES = 4;

/**
 * A client without a token must not slow the service, and a client with the weakest token must not stop it.
 *
 * The short form attacks every route in two ways. `npm run test:hostile -- --seed 1 --minutes 20` continues with new attacks
 * until the time is up, and prints the worst result for each route. The seed decides the content of the requests; the machine
 * decides the timing.
 */
describe('the hostile suite', () => {
  const settings = readHostileSettings(process.env);
  const print = (line: string) => void (settings.isWatched && process.stderr.write(`${line}\n`));
  const report = new HostileReport();
  const failures: string[] = [];
  // The short form also runs on busy machines, so it does not count the time for which a thread waited for a processor.
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

  /** Records a failure. The run continues, so that it finds all of them. */
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

/**
 * Returns whether an answer is wrong. Temporary problems must be answered 503 with a Retry-After, and every other error must be
 * an error of the client.
 */
function isWrong({ status, retryAfter }: Outcome): boolean {
  return status >= 500 && !(status === 503 && retryAfter !== undefined);
}
