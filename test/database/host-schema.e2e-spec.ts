import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Logger, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import pg from 'pg';
import request from 'supertest';
import { Column, DataSource, Entity, type MigrationInterface, PrimaryGeneratedColumn, type QueryRunner } from 'typeorm';
import {
  ApiTokensService,
  CUSTOM_METRICS_ENTITIES,
  CUSTOM_METRICS_MIGRATIONS,
  CustomMetrics,
  customMetricsDataSource,
  CustomMetricsModule,
  FirstTokensService,
  migrateCustomMetrics,
} from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const run = promisify(execFile);
const CLI = path.resolve(import.meta.dirname, '../..', process.env.DIST_DIR ?? 'dist', 'server/cli.js');

/** A table of the host that has the name of one of ours. */
@Entity('metric')
class HostMetric {
  @PrimaryGeneratedColumn()
  id: number;

  @Column('text')
  unit: string;
}

/** The host's own migration, in its own list. */
class AddHostMetric1700000000000 implements MigrationInterface {
  readonly name = 'AddHostMetric1700000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE metric (id serial PRIMARY KEY, unit text NOT NULL)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE metric');
  }
}

const INSTRUMENTS = { instruments: { flushIntervalMs: 100 } };

describe('a host with tables of its own', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const apps: NestExpressApplication[] = [];
  let lines: string[] = [];

  beforeEach(async () => {
    database = await createTestDatabase({ isEmpty: true });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    lines = [];
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await client.end();
    await database.drop();
  });

  const hostOptions = () => ({
    type: 'postgres' as const,
    url: database.url,
    entities: [HostMetric],
    migrations: [AddHostMetric1700000000000],
    migrationsRun: true,
    retryAttempts: 0,
  });

  async function start(imports: ModuleMetadata['imports']): Promise<NestExpressApplication> {
    @Module({ imports })
    class HostModule {}

    const host = await Test.createTestingModule({ imports: [HostModule] }).compile();
    const app = host.createNestApplication<NestExpressApplication>({ logger: sink() });
    apps.push(app);
    await app.init();
    return app;
  }

  function sink(): LoggerService {
    const note = (...messages: unknown[]) => void lines.push(messages.join(' '));
    return { log: note, warn: note, error: note, debug: note, verbose: note, fatal: note };
  }

  /** Pushes a sample, and reads it from the exposition and from the history. */
  async function use(app: NestExpressApplication): Promise<void> {
    const ingest = await app.get(ApiTokensService).create({ name: 'shop', scopes: ['ingest'] });
    const read = await app.get(ApiTokensService).create({ name: 'reader', scopes: ['read'] });
    const server = app.getHttpServer();
    await request(server)
      .post('/api/client/metrics/custom')
      .set('Authorization', ingest.secret)
      .send({ metrics: [{ name: 'sold_total', value: 2 }] })
      .expect(202);
    expect((await request(server).get('/metrics').expect(200)).text).toContain('sold_total 2\n');
    const { body } = await request(server)
      .get('/api/history/samples?metric=sold_total')
      .set('Authorization', read.secret)
      .expect(200);
    expect(body).toMatchObject({ samples: [{ value: 2 }] });
  }

  const tablesIn = async (schema: string) =>
    (
      await client.query<{ name: string }>(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY name',
        [schema],
      )
    ).rows.map(({ name }) => name);

  const refusalOf = (imports: ModuleMetadata['imports']) =>
    start(imports).then(
      () => 'It has started.',
      (error: Error) => `${error.name}: ${error.message}`,
    );

  test('keeps them on one shared connection, and ours are in a schema of their own', async () => {
    const app = await start([TypeOrmModule.forRoot(hostOptions()), CustomMetricsModule.forRoot({})]);
    await app.get(DataSource).getRepository(HostMetric).save({ unit: 'metre' });
    await use(app);
    expect(await tablesIn('public')).toEqual(['metric', 'migrations']);
    expect(await tablesIn('custom_metrics')).toEqual(
      expect.arrayContaining(['api_token', 'custom_metrics_migration', 'metric', 'metric_sample', 'series']),
    );
    expect(await app.get(DataSource).getRepository(HostMetric).find()).toEqual([{ id: 1, unit: 'metre' }]);
    const { rows } = await client.query('SELECT name FROM public.migrations');
    expect(rows).toEqual([{ name: 'AddHostMetric1700000000000' }]);
  });

  test('gives us a connection of our own in one line, in the schema that it chooses', async () => {
    const app = await start([
      TypeOrmModule.forRoot({ ...hostOptions(), migrationsRun: false, synchronize: true }),
      TypeOrmModule.forRoot(customMetricsDataSource(database.url, { name: 'metrics', schema: 'kept', poolSize: 4 })),
      CustomMetricsModule.forRoot({ dataSource: 'metrics', ...INSTRUMENTS }),
    ]);
    await use(app);
    app.get(CustomMetrics).gauge('level').set(3);
    expect(await tablesIn('kept')).toContain('sample_batch');
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, DATABASE_SCHEMA: 'kept' };
    const { stdout } = await run(process.execPath, [CLI, 'tokens', 'list'], { env });
    expect(stdout).toMatch(/shop {2}ingest[^]*reader {2}read/);
    expect(await tablesIn('public')).toEqual(['metric']);
    // TypeORM synchronizes the host's own tables again, and leaves ours alone.
    await app.get(DataSource).synchronize();
    await apps.pop()!.close();
    expect((await client.query('SELECT metric FROM kept.metric_sample ORDER BY metric')).rows).toEqual([
      { metric: 'level' },
      { metric: 'sold_total' },
    ]);
  });

  test('may start several processes at once on an empty database', async () => {
    const started = await Promise.all(
      [1, 2, 3].map(() =>
        start([TypeOrmModule.forRoot(customMetricsDataSource(database.url)), CustomMetricsModule.forRoot({})]),
      ),
    );
    await use(started[2]!);
    const { rows } = await client.query('SELECT count(*)::int AS runs FROM custom_metrics.custom_metrics_migration');
    expect(rows).toEqual([{ runs: CUSTOM_METRICS_MIGRATIONS.length }]);
  });

  test('may migrate in a step of its deployment', async () => {
    const parts = () => [
      TypeOrmModule.forRoot({ ...customMetricsDataSource(database.url), retryAttempts: 0 }),
      CustomMetricsModule.forRoot({ migrationsRun: false }),
    ];
    expect(await refusalOf(parts())).toBe(
      'DatabaseSetupError: The schema custom_metrics of the DataSource "default" lacks ' +
        String(CUSTOM_METRICS_MIGRATIONS.length) +
        ' migrations of custom metrics, from ' +
        'CreateCustomMetrics1764000000000 on. Call migrateCustomMetrics before the start, or leave out migrationsRun: false, so that ' +
        'the module migrates by itself.',
    );
    const names = await migrateCustomMetrics(customMetricsDataSource(database.url));
    expect(names).toHaveLength(CUSTOM_METRICS_MIGRATIONS.length);
    await use(await start(parts()));
  });

  test('may keep our entities and migrations in its own DataSource', async () => {
    const shared = {
      ...hostOptions(),
      entities: [...CUSTOM_METRICS_ENTITIES],
      migrations: [...CUSTOM_METRICS_MIGRATIONS],
      synchronize: true,
    };
    const app = await start([TypeOrmModule.forRoot(shared), CustomMetricsModule.forRoot({})]);
    await use(app);
    expect(await tablesIn('public')).toContain('sample_batch');
    expect(await tablesIn('custom_metrics')).toEqual([]);
    expect(await refusalOf([TypeOrmModule.forRoot(shared), CustomMetricsModule.forRoot({ schema: 'kept' })])).toBe(
      'DatabaseSetupError: The option schema of CustomMetricsModule is "kept", but the DataSource "default" has the tables of custom ' +
        'metrics in the schema "public". Say the schema in one place: leave it out in CustomMetricsModule.',
    );
  });

  test.each([
    [
      'migrations that have not run',
      { migrations: CUSTOM_METRICS_MIGRATIONS, migrationsRun: false },
      'The tables of custom metrics are missing in the schema public of the DataSource "default": its migrations have not run.',
    ],
    [
      'entities without migrations',
      { migrations: [], migrationsRun: false },
      'The tables of custom metrics are missing in the schema public of the DataSource "default". Add CUSTOM_METRICS_MIGRATIONS',
    ],
    [
      'synchronize',
      { migrations: [], migrationsRun: false, synchronize: true },
      'The tables of custom metrics are missing in the schema public of the DataSource "default". Add CUSTOM_METRICS_MIGRATIONS',
    ],
  ])('is told what to do about %s', async (_case, options, message) => {
    const shared = { ...hostOptions(), entities: CUSTOM_METRICS_ENTITIES, ...options };
    const refusal = await refusalOf([TypeOrmModule.forRoot(shared), CustomMetricsModule.forRoot({})]);
    expect(refusal).toContain(`DatabaseSetupError: ${message}`);
    expect(refusal.includes("TypeORM's synchronize does not create them.")).toBe(_case === 'synchronize');
    expect(await tablesIn('public')).toEqual(expect.not.arrayContaining(['series']));
  });

  test('is told what to do about schemas and databases that can not be used', async () => {
    await client.query('CREATE SCHEMA taken; CREATE TABLE taken.series ()');
    const forRoot = (schema: string) => [TypeOrmModule.forRoot(hostOptions()), CustomMetricsModule.forRoot({ schema })];
    expect(await refusalOf(forRoot('taken'))).toContain(
      'The schema taken has a table that custom metrics wants to create',
    );
    expect(() => forRoot('pg_mine')).toThrow('schema: found "pg_mine"; allowed: a name');
    expect(() => customMetricsDataSource(undefined)).toThrow('It got undefined: is the variable set?');

    const role = `poor_${process.pid}`;
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'poor'`);
    try {
      const url = new URL(database.url);
      [url.username, url.password] = [role, 'poor'];
      const poor = { ...customMetricsDataSource(url.href), retryAttempts: 0 };
      expect(await refusalOf([TypeOrmModule.forRoot(poor), CustomMetricsModule.forRoot({})])).toContain(
        `The role ${role} may not create the schema custom_metrics for the tables of custom metrics. Let the owner of the database ` +
          `run: CREATE SCHEMA "custom_metrics" AUTHORIZATION ${role}`,
      );
      await client.query(`CREATE SCHEMA custom_metrics AUTHORIZATION ${role}`);
      await use(await start([TypeOrmModule.forRoot(poor), CustomMetricsModule.forRoot({})]));
    } finally {
      await Promise.all(apps.splice(0).map((app) => app.close()));
      await client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
  });

  test('receives the first tokens only by a call', async () => {
    const app = await start([TypeOrmModule.forRoot(hostOptions()), CustomMetricsModule.forRoot({})]);
    expect(await app.get(ApiTokensService).list()).toEqual([]);
    const tokens = await app.get(FirstTokensService).createIfNone();
    expect(await app.get(FirstTokensService).createIfNone()).toBeUndefined();
    await request(app.getHttpServer()).get('/api/admin/tokens').set('Authorization', tokens!.admin).expect(200);
    await request(app.getHttpServer())
      .post('/api/client/metrics/custom')
      .set('Authorization', tokens!.ingest)
      .send({ metrics: [{ name: 'sold_total', value: 2 }] })
      .expect(202);
    Logger.flush();
    expect(lines.join('\n')).not.toContain('cmk_');
  });
});
