import { Body, Controller, HttpCode, Injectable, Module, Post, UseFilters } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import request from 'supertest';
import type { ApiToken } from '../../src/api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../src/api-tokens/api-token.guard.js';
import { ApiTokensModule } from '../../src/api-tokens/api-tokens.module.js';
import { ErrorAnswerFilter } from '../../src/http/answers/error-answer.filter.js';
import { HttpModule } from '../../src/http/http.module.js';
import { ApiTokensService, CUSTOM_METRICS_ENTITIES, CustomMetricsModule } from '../../src/index.js';
import { IngestionModule } from '../../src/ingestion/ingestion.module.js';
import { IngestionService } from '../../src/ingestion/ingestion.service.js';
import { senderOf } from '../../src/ingestion/sender.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

// A whole receiver, as a folder of src/receivers/ would have it: a service, a controller and a module.

@Injectable()
class ToyService {
  constructor(private readonly ingestion: IngestionService) {}

  async store(gauges: Readonly<Record<string, number>>, token: ApiToken): Promise<number> {
    const samples = Object.entries(gauges).map(([name, value]) => ({ name, value, type: 'gauge' as const }));
    return (await this.ingestion.ingest(samples, senderOf(token))).accepted;
  }
}

@Controller('toy')
@UseFilters(ErrorAnswerFilter)
class ToyController {
  constructor(private readonly toy: ToyService) {}

  @Post()
  @HttpCode(202)
  @RequireScope('ingest')
  async push(@Body() gauges: Record<string, number>, @CurrentToken() token: ApiToken): Promise<{ accepted: number }> {
    return { accepted: await this.toy.store(gauges, token) };
  }
}

@Module({
  imports: [ApiTokensModule, HttpModule, IngestionModule],
  controllers: [ToyController],
  providers: [ToyService],
})
class ToyModule {}

describe('a receiver that is added by its folder and one line', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;

  beforeAll(async () => {
    database = await createTestDatabase();
    const host = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: database.url,
          entities: CUSTOM_METRICS_ENTITIES,
        }),
        CustomMetricsModule.forRoot({}),
        ToyModule,
      ],
    }).compile();
    app = host.createNestApplication<NestExpressApplication>({ logger: ['error'] });
    await app.listen(0, '127.0.0.1');
  });

  afterAll(async () => {
    await app?.close();
    await database.drop();
  });

  test('stores samples for the token that sent them, and shows them', async () => {
    const { secret } = await app
      .get(ApiTokensService)
      .create({ name: 'toy', scopes: ['ingest'], labels: { from: 'toy' } });
    const push = () => request(app.getHttpServer()).post('/toy');
    await push().send({ toy_cars: 3 }).expect(401);
    await push().set('Authorization', secret).send({ toy_cars: 3 }).expect(202, { accepted: 1 });
    const page = await request(app.getHttpServer()).get('/metrics').expect(200);
    expect(page.text).toContain('toy_cars{from="toy"} 3\n');
  });
});
