import {
  type DynamicModule,
  Module,
  type ModuleMetadata,
  type NestApplicationOptions,
  type Provider,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { AddressInfo } from 'node:net';
import { ApiTokensService, CUSTOM_METRICS_ENTITIES, CustomMetricsModule, type Scope } from '../../src/index.js';
import type { CustomMetricsForRootOptions } from '../../src/custom-metrics.module-definition.js';

/** The setup of a host app in a test. */
export interface HostSetup {
  readonly databaseUrl: string;
  /** The options that the host passes to `CustomMetricsModule.forRoot`. */
  readonly options?: CustomMetricsForRootOptions;
  readonly imports?: ModuleMetadata['imports'];
  readonly controllers?: ModuleMetadata['controllers'];
  readonly providers?: Provider[];
  readonly adapter?: ExpressAdapter;
  readonly appOptions?: NestApplicationOptions;
  /** Configures the app between its creation and `listen`. */
  readonly configure?: (app: NestExpressApplication) => void;
}

/** A running host app that imports the module. */
export interface HostApp {
  readonly app: NestExpressApplication;
  readonly url: string;
  /** Sends a request. A body that is an object is sent as JSON. */
  request(method: string, path: string, request?: HostRequest): Promise<HostAnswer>;
  /** Creates a token with these scopes, and returns its secret. */
  token(...scopes: Scope[]): Promise<string>;
  stop(): Promise<void>;
}

interface HostRequest {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string | Buffer;
}

interface HostAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Starts a host on a migrated database. */
export async function startHost(setup: HostSetup): Promise<HostApp> {
  const app = await NestFactory.create<NestExpressApplication>(
    hostModule(setup),
    setup.adapter ?? new ExpressAdapter(),
    {
      logger: ['error', 'fatal'],
      abortOnError: false,
      ...setup.appOptions,
    },
  );
  setup.configure?.(app);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return {
    app,
    url,
    async request(method, path, { token, headers = {}, body } = {}) {
      const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(isJson ? { 'Content-Type': 'application/json' } : {}),
          ...(token === undefined ? {} : { Authorization: token }),
          ...headers,
        },
        body: isJson ? JSON.stringify(body) : (body as string | Buffer | undefined),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async token(...scopes) {
      return (await app.get(ApiTokensService).create({ name: scopes.join('-'), scopes })).secret;
    },
    stop: () => app.close(),
  };
}

function hostModule({
  databaseUrl,
  options = {},
  imports = [],
  controllers = [],
  providers = [],
}: HostSetup): DynamicModule {
  @Module({})
  class HostModule {}

  return {
    module: HostModule,
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url: databaseUrl, entities: CUSTOM_METRICS_ENTITIES }),
      CustomMetricsModule.forRoot(options),
      ...imports,
    ],
    controllers,
    providers,
  };
}
