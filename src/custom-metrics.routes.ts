import type { Type } from '@nestjs/common';
import { AdminCorrectionsModule } from './admin/corrections/admin-corrections.module.js';
import { CorrectionsController } from './admin/corrections/corrections.controller.js';
import { MetricDeclarationsController } from './admin/metric-declarations/metric-declarations.controller.js';
import { MetricDeclarationsModule } from './admin/metric-declarations/metric-declarations.module.js';
import { MetricRemovalController } from './admin/metric-removal/metric-removal.controller.js';
import { MetricRemovalModule } from './admin/metric-removal/metric-removal.module.js';
import { AdminRenamesModule } from './admin/renames/admin-renames.module.js';
import { RenamesController } from './admin/renames/renames.controller.js';
import { RefusalsController } from './admin/refusals/refusals.controller.js';
import { StorageController } from './admin/storage/storage.controller.js';
import { ApiTokensController } from './api-tokens/api-tokens.controller.js';
import { mountController, type MountedControllers } from './http/mounting/mounted-controller.js';
import { ExplorerModule } from './queries/explorer/explorer.module.js';
import type { ExplorerOptions } from './queries/explorer/explorer-options.js';
import { ExplorerPageController } from './queries/explorer/page/explorer-page.controller.js';
import { SessionController } from './queries/explorer/session.controller.js';
import { SignInController } from './queries/explorer/sign-in.controller.js';
import { ExpositionModule } from './queries/exposition/exposition.module.js';
import { MetricsController } from './queries/exposition/metrics.controller.js';
import { HistoryController } from './queries/history/history.controller.js';
import { BreakdownController } from './queries/history/breakdown/breakdown.controller.js';
import { SparklinesController } from './queries/history/sparklines/sparklines.controller.js';
import { LiveModule } from './queries/history/live/live.module.js';
import { LiveController } from './queries/history/live/live.controller.js';
import { LabelsController } from './queries/history/labels/labels.controller.js';
import { HistoryQueriesModule } from './queries/history/history-queries.module.js';
import { UnleashListingController } from './queries/history/listing/unleash-listing.controller.js';
import { CatalogListingController } from './queries/prometheus-api/listing/catalog-listing.controller.js';
import { ExpressionController } from './queries/prometheus-api/expression.controller.js';
import { PrometheusQueriesModule } from './queries/prometheus-api/prometheus-queries.module.js';
import { QueryController } from './queries/prometheus-api/query.controller.js';
import { RemoteReadController } from './queries/prometheus-api/remote-read/remote-read.controller.js';
import { StatusController } from './queries/prometheus-api/status.controller.js';
import { CustomMetricsController } from './receivers/custom-metrics/custom-metrics.controller.js';
import { CustomMetricsReceiverModule } from './receivers/custom-metrics/custom-metrics-receiver.module.js';
import { OtlpController } from './receivers/otlp/otlp.controller.js';
import { OtlpModule } from './receivers/otlp/otlp.module.js';
import { PrometheusPushController } from './receivers/prometheus-push/prometheus-push.controller.js';
import { PrometheusPushModule } from './receivers/prometheus-push/prometheus-push.module.js';
import { PushgatewayController } from './receivers/prometheus-push/pushgateway.controller.js';
import { RemoteWriteController } from './receivers/remote-write/remote-write.controller.js';
import { RemoteWriteModule } from './receivers/remote-write/remote-write.module.js';
import { ClientSdkController } from './receivers/unleash-sdk/client-sdk.controller.js';
import { FrontendSdkController } from './receivers/unleash-sdk/frontend-sdk.controller.js';
import { UnleashSdkModule } from './receivers/unleash-sdk/unleash-sdk.module.js';
import { RefusalsModule } from './refusals/refusals.module.js';
import { StorageModule } from './sample-store/storage/storage.module.js';
import { InvalidOptionsError } from './settings/invalid-options.error.js';
import { closestSpelling } from './settings/closest-spelling.js';

/**
 * The routes that the module mounts. All are on by default; the controllers of routes that are off do not become part of the app.
 */
export interface CustomMetricsRoutes {
  /** `POST /api/client/metrics/custom` and `POST /api/push`. */
  readonly push?: boolean;
  /** The paths of Pushgateway: `/metrics/job/…`. */
  readonly pushgateway?: boolean;
  /** OTLP over HTTP: `POST /v1/metrics`. */
  readonly otlp?: boolean;
  /** Prometheus' remote write: `POST /api/v1/write`. */
  readonly remoteWrite?: boolean;
  /** The routes for Unleash's SDKs and Unleash Edge: `/api/client/…` and `/api/frontend/…`. */
  readonly unleash?: boolean;
  /**
   * The exposition, which Prometheus scrapes: `GET /metrics` and `GET /internal-backstage/prometheus`, or only the given path.
   */
  readonly exposition?: boolean | { readonly path: string };
  /** `/api/history/…`, and `/api/admin/custom-metrics`, which lists metrics in Unleash's format. */
  readonly history?: boolean;
  /** Prometheus' HTTP API and `remote_read`: `/api/v1/…`. */
  readonly promql?: boolean;
  /**
   * The routes of administrators under `/api/admin`, for metrics, corrections, renames, refusals and storage. They also include
   * the routes for tokens, unless a `guard` replaces tokens.
   */
  readonly admin?: boolean;
}

/** The page on which people look at their metrics. */
export interface CustomMetricsExplorer {
  /** The path of the page; the default is `explorer`. */
  readonly path?: string;
  /**
   * The base URL of the API, relative to the page. The default goes up one level for each segment of `path`, so it is right under
   * any prefix that the page and the API share.
   */
  readonly apiBase?: string;
  /**
   * The folder that contains the page's files, as a path or a `file:` URL. It is needed only if a bundler has moved the code of
   * the module away from the folder `dist/explorer` of the package.
   */
  readonly files?: string;
}

/**
 * The host's choices about routes. They must be known before options can be injected, because they determine which classes the
 * app has.
 */
export interface RoutingOptions {
  readonly routes?: CustomMetricsRoutes;
  /** The explorer, or false to leave it out. */
  readonly explorer?: false | CustomMetricsExplorer;
  /** Decorators for every controller. */
  readonly decorators?: readonly ClassDecorator[];
  /** True if a guard of the host replaces API tokens. */
  readonly hasHostGuard: boolean;
}

/** The controllers of one app, and the feature modules that they need. */
export interface MountedRoutes {
  readonly controllers: MountedControllers;
  readonly modules: readonly Type[];
  /** The explorer; undefined if the app does not have it. */
  readonly explorer: ExplorerOptions | undefined;
}

interface Route {
  readonly name: keyof CustomMetricsRoutes;
  readonly modules: readonly Type[];
  readonly controller: Type;
}

/**
 * The controllers that only the option `routes` switches on or off, each with the modules that provide its dependencies. {@link
 * mountRoutes} adds the controllers of API tokens and of the explorer, which also depend on other options.
 */
const ROUTES: readonly Route[] = [
  { name: 'push', modules: [CustomMetricsReceiverModule], controller: CustomMetricsController },
  { name: 'unleash', modules: [UnleashSdkModule], controller: ClientSdkController },
  { name: 'unleash', modules: [UnleashSdkModule], controller: FrontendSdkController },
  { name: 'otlp', modules: [OtlpModule], controller: OtlpController },
  { name: 'remoteWrite', modules: [RemoteWriteModule], controller: RemoteWriteController },
  { name: 'push', modules: [PrometheusPushModule], controller: PrometheusPushController },
  { name: 'pushgateway', modules: [PrometheusPushModule], controller: PushgatewayController },
  { name: 'exposition', modules: [ExpositionModule], controller: MetricsController },
  { name: 'history', modules: [HistoryQueriesModule], controller: HistoryController },
  { name: 'history', modules: [HistoryQueriesModule], controller: LabelsController },
  { name: 'history', modules: [HistoryQueriesModule], controller: BreakdownController },
  { name: 'history', modules: [HistoryQueriesModule], controller: SparklinesController },
  { name: 'history', modules: [LiveModule], controller: LiveController },
  { name: 'history', modules: [HistoryQueriesModule, ExpositionModule], controller: UnleashListingController },
  { name: 'promql', modules: [PrometheusQueriesModule], controller: QueryController },
  { name: 'promql', modules: [PrometheusQueriesModule], controller: CatalogListingController },
  { name: 'promql', modules: [PrometheusQueriesModule], controller: StatusController },
  { name: 'promql', modules: [PrometheusQueriesModule], controller: ExpressionController },
  { name: 'promql', modules: [PrometheusQueriesModule], controller: RemoteReadController },
  { name: 'admin', modules: [MetricDeclarationsModule], controller: MetricDeclarationsController },
  { name: 'admin', modules: [MetricRemovalModule], controller: MetricRemovalController },
  { name: 'admin', modules: [AdminCorrectionsModule], controller: CorrectionsController },
  { name: 'admin', modules: [AdminRenamesModule], controller: RenamesController },
  { name: 'admin', modules: [RefusalsModule], controller: RefusalsController },
  { name: 'admin', modules: [StorageModule], controller: StorageController },
];

/**
 * Creates the controllers of one app, and lists the modules that they need.
 *
 * @throws InvalidOptionsError for an unknown route or an invalid value, such as a path that can't be used
 */
export function mountRoutes(options: RoutingOptions): MountedRoutes {
  const { routes = {}, decorators, hasHostGuard } = options;
  assertRoutes(routes);
  const on = ROUTES.filter(({ name }) => routes[name] !== false);
  const controllers = on.map(({ controller }) => controller);
  // ApiTokensModule is not added here, because every app imports it.
  if (routes.admin !== false && !hasHostGuard) controllers.push(ApiTokensController);
  const explorer = explorerOf(
    options.explorer,
    [...new Set(ROUTES.map(({ name }) => name))].filter((name) => routes[name] !== false),
  );
  if (explorer !== undefined)
    // The controller of the page comes last, because its path may also be the beginning of another route's path.
    controllers.push(SessionController, ...(hasHostGuard ? [] : [SignInController]), ExplorerPageController);
  const { exposition } = routes;
  const pathOf = (controller: Type) => {
    if (controller === ExplorerPageController) return explorer?.path;
    return controller === MetricsController && typeof exposition === 'object' ? exposition.path : undefined;
  };
  return {
    controllers: new Map(
      controllers.map((controller) => [
        controller,
        mountController(controller, { path: pathOf(controller), decorators, hasHostGuard }),
      ]),
    ),
    modules: [...new Set(on.flatMap(({ modules }) => modules)), ...(explorer === undefined ? [] : [ExplorerModule])],
    explorer,
  };
}

const DEFAULT_EXPLORER_PATH = 'explorer';

function explorerOf(
  given: false | CustomMetricsExplorer | undefined,
  routes: readonly string[],
): ExplorerOptions | undefined {
  if (given === undefined || given === false) return undefined;
  const path = given.path ?? DEFAULT_EXPLORER_PATH;
  return { path, apiBase: given.apiBase ?? '../'.repeat(path.split('/').length), files: given.files, routes };
}

/** Matches a path that consists only of characters that Express reads literally. */
const LITERAL_PATH = /^[\w./~%-]+$/;

function assertRoutes(routes: CustomMetricsRoutes): void {
  const known = [...new Set(ROUTES.map(({ name }) => name))];
  const problems = Object.entries(routes).flatMap(([name, value]: [string, unknown]) => {
    const path = `routes.${name}`;
    if (!(known as string[]).includes(name)) {
      const nearest = closestSpelling(name.slice(0, 100), known);
      const cure = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean routes.${nearest}?`;
      return [{ path, message: `is not an option; ${cure}` }];
    }
    if (value === undefined || typeof value === 'boolean') return [];
    if (name !== 'exposition') return [{ path, message: 'allowed: true or false' }];
    return typeof value === 'object' && value !== null && 'path' in value && isPath(value.path)
      ? []
      : [{ path, message: "allowed: true, false, or { path: 'own/path' } of letters, digits and ._~%-/" }];
  });
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

function isPath(path: unknown): path is string {
  return typeof path === 'string' && LITERAL_PATH.test(path);
}
