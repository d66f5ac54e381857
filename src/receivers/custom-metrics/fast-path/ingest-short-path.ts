import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type INestApplication, Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { ApiToken } from '../../../api-tokens/api-token.js';
import { ApiTokensService } from '../../../api-tokens/api-tokens.service.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { describeUnexpected, errorAnswerOf } from '../../../http/answers/error-answer.js';
import { RateLimiter } from '../../../api-tokens/limits/rate-limiter.js';
import { RefusedRequests } from '../../../refusals/refused-requests.js';
import { RequestMetrics } from '../../../http/request-metrics.js';
import { BodyBudget, type BodyShare } from '../../../http/bodies/body-budget.js';
import { hashOf } from '../../../http/bodies/json-body.js';
import { receiveBody } from '../../../http/bodies/receive-body.js';
import { MOUNTED_CONTROLLERS, type MountedControllers } from '../../../http/mounting/mounted-controller.js';
import { CustomMetricsController } from '../custom-metrics.controller.js';
import { CustomMetricsService } from '../custom-metrics.service.js';
import { readIdempotencyKey, REPLAYED_HEADER } from '../idempotency-key.js';
import { prefersStrict } from '../prefer.js';
import { findShortPathRoute } from './short-path-route.js';

const PLAIN_JSON = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;
const ACCEPTED = 202;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Serves the busiest route without Express: routing, middleware, interceptors and observables cost four times as much as the
 * push of one sample itself (docs/performance.md).
 *
 * This is not a second definition of the route. The short path handles only the usual requests: those with an uncompressed JSON
 * body of known length, and with a known token that may push. All other requests go to Express unchanged, so {@link
 * CustomMetricsController} answers them. Both paths share the code that can refuse a usual request: the rate limit, the check of
 * the idempotency key, the memory limit of bodies, the pipe, the service, and the mapping of errors. A test sends every test
 * vector through both paths.
 */
@Injectable()
export class IngestShortPath implements OnApplicationBootstrap {
  /** The path of the route once it is known; undefined as long as every request goes to Express. */
  private path: string | undefined;
  private isSettled = false;
  private findRoute: (() => void) | undefined;
  private readonly logger = new Logger(IngestShortPath.name);

  /** @internal */
  constructor(
    private readonly tokens: ApiTokensService,
    private readonly limiter: RateLimiter,
    private readonly customMetrics: CustomMetricsService,
    private readonly requestMetrics: RequestMetrics,
    private readonly refusedRequests: RefusedRequests,
    private readonly bodyBudget: BodyBudget,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
    @Inject(MOUNTED_CONTROLLERS) private readonly controllers: MountedControllers,
  ) {}

  /**
   * Puts the short path in front of the current request listeners of the application.
   *
   * Only requests whose URL is exactly the path of the route in Express' router take the short path. If the app has global
   * guards, global interceptors or middleware for that path, which the short path would skip, all requests take the usual path
   * and the reason is logged. The app starts in any case, because a guard that is added later should only make pushes slower, and
   * not keep the app from starting.
   *
   * @param options `pastGlobals: true` allows pushes to skip guards, interceptors and middleware of the app
   */
  install(app: INestApplication, { pastGlobals = false }: { readonly pastGlobals?: boolean } = {}): void {
    this.findRoute = () => this.settle(app, pastGlobals);
    const server = app.getHttpServer() as Server;
    const listeners = server.listeners('request') as Listener[];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!this.isSettled && server.listening) this.findRoute?.();
      const token = server.listening ? this.tokenOf(request) : undefined;
      if (token !== undefined) void this.answer(request, response, token);
      else for (const listener of listeners) listener(request, response);
    });
  }

  /** Finds the route when the app is complete. If the short path is installed later, the first request finds the route. */
  onApplicationBootstrap(): void {
    this.findRoute?.();
  }

  private settle(app: INestApplication, pastGlobals: boolean): void {
    this.isSettled = true;
    const controller = this.controllers.get(CustomMetricsController);
    if (controller === undefined) return;
    const route = findShortPathRoute(app, controller, pastGlobals);
    if ('path' in route) this.path = route.path;
    else this.logger.warn(route.refusal);
  }

  /** @returns the token of the request, or undefined if the request can't take the short path */
  private tokenOf({ method, url, headers }: IncomingMessage): ApiToken | undefined {
    if (method !== 'POST' || url !== this.path) return undefined;
    const length = Number(headers['content-length']);
    const isPlain =
      length > 0 &&
      length <= this.options.ingest.maxBodyBytes &&
      headers['content-encoding'] === undefined &&
      headers.expect === undefined &&
      PLAIN_JSON.test(headers['content-type'] ?? '');
    return isPlain ? this.tokens.findKnown(headers.authorization, 'ingest') : undefined;
  }

  private async answer(request: IncomingMessage, response: ServerResponse, token: ApiToken): Promise<void> {
    let share: BodyShare | undefined;
    try {
      await this.limiter.consume(token.id, (name, value) => response.setHeader(name, value));
      const key = readIdempotencyKey(request.headers['idempotency-key']);
      share = this.bodyBudget.open(token.id);
      const body = await receiveBody(request, {
        maxBytes: this.options.ingest.maxBodyBytes,
        setting: 'INGEST_MAX_BODY_BYTES',
        encoding: 'identity',
        share,
      });
      const isStrict = prefersStrict(request.headers.prefer);
      const identity = key === undefined ? undefined : { key, bodyHash: hashOf(body) };
      const { report, isReplay } = await this.customMetrics.ingestBody(body, token, isStrict, identity);
      if (isReplay) response.setHeader(REPLAYED_HEADER, 'true');
      this.send(response, ACCEPTED, report);
    } catch (error) {
      // The client has disconnected, so it can't receive an answer.
      if (request.destroyed && !request.complete) return;
      const { status, headers, body, unexpected } = errorAnswerOf(error);
      this.refusedRequests.expect(request, token.id);
      this.refusedRequests.noteAnswer(request, status, body);
      if (unexpected !== undefined) this.logger.error(...describeUnexpected(unexpected));
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      this.send(response, status, body);
    } finally {
      share?.release();
    }
  }

  private send(response: ServerResponse, status: number, body: object | undefined): void {
    this.requestMetrics.count('POST', status);
    if (body === undefined) {
      response.writeHead(status, { 'Content-Length': '0' }).end();
      return;
    }
    const text = JSON.stringify(body);
    response
      .writeHead(status, {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': String(Buffer.byteLength(text)),
      })
      .end(text);
  }
}
