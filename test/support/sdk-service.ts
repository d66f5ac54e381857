import { type ExposedSample, parseExposition } from './exposition-parser.js';
import type { SdkProcess } from './sdk-process.js';
import { FRONTEND_TOKEN, getJson, scrape, startServer, type TestServer } from './server.js';
import { steadyPort } from './steady-port.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { UnreliableProxy } from './unreliable-proxy.js';

/** The labels that the SDKs add to each sample that has labels, in addition to the name of the app. */
export const SDK_LABELS = { environment: 'development', origin: 'sdk' };

interface PostedMetric {
  readonly name: string;
  readonly samples: readonly { readonly value?: number; readonly count?: number }[];
}

/**
 * A server for the apps with an SDK, with an unreliable proxy in front of it. Each test has its own proxy and an app with its own
 * name, because all tests of a file use the same metrics of one server.
 */
export class SdkService {
  server!: TestServer;
  proxy!: UnreliableProxy;
  /** The name that the app of the current test must have. */
  appName = '';
  /** The app of the current test, which is stopped after it. */
  app!: SdkProcess;
  private database!: TestDatabase;
  private apps = 0;

  /** Returns a service that runs during the tests of the file or of the `describe` block. */
  static underTest(): SdkService {
    const service = new SdkService();
    beforeAll(async () => {
      service.database = await createTestDatabase();
      await service.start(String(await steadyPort()));
    });
    beforeEach(async () => {
      service.appName = `shop ${++service.apps}`;
      service.proxy = new UnreliableProxy(service.server.url);
      await service.proxy.start();
    });
    afterEach(async () => {
      await service.app?.stop();
      await service.proxy?.stop();
    });
    afterAll(async () => {
      await service.server?.stop();
      await service.database?.drop();
    });
    return service;
  }

  async start(port: string): Promise<void> {
    this.server = await startServer({
      DATABASE_URL: this.database.url,
      PORT: port,
      INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN,
    });
  }

  /** Returns the series of the app, and the series of idle intervals, which have no app label. */
  async samplesOf(name: string): Promise<readonly ExposedSample[]> {
    const family = parseExposition(await scrape(this.server), 'text').find((each) => each.name === name);
    return (family?.samples ?? []).filter(({ labels }) => labels.appName === undefined || this.isOfApp(labels));
  }

  /** Returns the value of the series that has the app's label. The series of idle intervals lacks it, and is ignored. */
  async valueOf(name: string, part = name, le?: string): Promise<number | undefined> {
    const samples = await this.samplesOf(name);
    return samples.find((each) => each.name === part && this.isOfApp(each.labels) && each.labels.le === le)?.value;
  }

  /** Returns the sum of a metric in the posts that the service answered with 2xx, whether or not the SDK received the answer. */
  delivered(name: string): number {
    return this.proxy.deliveries
      .filter(({ status }) => status < 300)
      .flatMap(({ body }) => (JSON.parse(body) as { impactMetrics?: PostedMetric[] }).impactMetrics ?? [])
      .filter((metric) => metric.name === name)
      .flatMap(({ samples }) => samples)
      .reduce((sum, { value, count }) => sum + (value ?? count ?? 0), 0);
  }

  /** Returns the stored values of the app. */
  async history(metric: string): Promise<number[]> {
    const { samples } = await getJson<{ samples: { value: number }[] }>(
      this.server,
      `/api/history/samples?metric=${metric}&label=${encodeURIComponent(`appName=${this.appName}`)}&limit=1000`,
    );
    return samples.map(({ value }) => value);
  }

  /** Returns the sum of the stored values of the app. */
  async storedSum(metric: string): Promise<number> {
    return (await this.history(metric)).reduce((total, value) => total + value, 0);
  }

  private isOfApp(labels: ExposedSample['labels']): boolean {
    return labels.appName === this.appName;
  }
}
