import { Controller, HttpCode, HttpStatus, Injectable, Module, Post, UseFilters, UseGuards } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IsObject } from 'class-validator';
import request from 'supertest';
import type { ApiToken } from '../../src/api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../src/api-tokens/api-token.guard.js';
import { ApiTokensModule } from '../../src/api-tokens/api-tokens.module.js';
import { IngestRateLimitGuard } from '../../src/api-tokens/limits/ingest-rate-limit.guard.js';
import { ErrorAnswerFilter } from '../../src/http/answers/error-answer.filter.js';
import { JsonBody } from '../../src/http/bodies/json-body.js';
import { DtoPipe } from '../../src/http/dto.pipe.js';
import { HttpModule } from '../../src/http/http.module.js';
import { RequestBody } from '../../src/http/request-parts.js';
import { ApiTokensService, CUSTOM_METRICS_ENTITIES, CustomMetricsModule } from '../../src/index.js';
import { IngestionModule } from '../../src/ingestion/ingestion.module.js';
import { IngestionService } from '../../src/ingestion/ingestion.service.js';
import { senderOf } from '../../src/ingestion/sender.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

// A receiver as it would be in a folder of src/receivers/: a DTO, a service, a controller and a module. There, a line in ROUTES of
// src/custom-metrics.routes.ts mounts the controller in CustomMetricsModule, which has the guards and interceptors. So the module has
// no `controllers`, and imports ApiTokensModule and HttpModule only if its own providers need them.

class ToyBatchDto {
  @IsObject()
  gauges: Record<string, number>;
}

class ToyReportResponse {
  accepted: number;
  refused: { index: number; reason: string; message: string }[];
}

@Injectable()
class ToyService {
  constructor(private readonly ingestion: IngestionService) {}

  /** Stores gauges. The answer comes after the commit. */
  async store({ gauges }: ToyBatchDto, token: ApiToken): Promise<ToyReportResponse> {
    const samples = Object.entries(gauges).map(([name, value]) => ({ name, value, type: 'gauge' as const }));
    const { accepted, refused } = await this.ingestion.ingest(samples, senderOf(token));
    return {
      accepted,
      refused: refused.map(({ index, refusal: { reason, message } }) => ({ index, reason, message })),
    };
  }
}

@Controller('toy')
@UseFilters(ErrorAnswerFilter)
class ToyController {
  constructor(private readonly toy: ToyService) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  // Decorators apply from the bottom up: the token is checked first, and then the request counts against the rate limit.
  @UseGuards(IngestRateLimitGuard)
  @RequireScope('ingest')
  @JsonBody()
  push(
    @RequestBody(new DtoPipe(ToyBatchDto)) batch: ToyBatchDto,
    @CurrentToken() token: ApiToken,
  ): Promise<ToyReportResponse> {
    return this.toy.store(batch, token);
  }
}

@Module({
  imports: [ApiTokensModule, HttpModule, IngestionModule],
  controllers: [ToyController],
  providers: [ToyService],
})
class ToyModule {}

describe('a receiver of a DTO, a service, a controller and a module', () => {
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
        CustomMetricsModule.forRoot({ ingest: { rateLimitPerMinute: 4 } }),
        ToyModule,
      ],
    }).compile();
    app = host.createNestApplication<NestExpressApplication>({ logger: ['error'], bodyParser: false });
    await app.listen(0, '127.0.0.1');
  });

  afterAll(async () => {
    await app?.close();
    await database.drop();
  });

  const push = (secret: string, body: object | string) =>
    request(app.getHttpServer()).post('/toy').set('Authorization', secret).send(body);

  test('stores samples for the token that sent them, and shows them', async () => {
    const { secret } = await app
      .get(ApiTokensService)
      .create({ name: 'toy', scopes: ['ingest'], labels: { from: 'toy' } });
    await push('unknown', { gauges: { toy_cars: 3 } }).expect(401);
    await push(secret, { gauges: { toy_cars: 3 } }).expect(202, { accepted: 1, refused: [] });
    const page = await request(app.getHttpServer()).get('/metrics').expect(200);
    expect(page.text).toContain('toy_cars{from="toy"} 3\n');
  });

  test('refuses items, bodies and requests beyond the rate limit', async () => {
    const { secret } = await app.get(ApiTokensService).create({ name: 'careless', scopes: ['ingest'] });
    const { body } = await push(secret, { gauges: { toy_cars: 'three', toy_trains: 1 } }).expect(202);
    expect(body).toMatchObject({ accepted: 1, refused: [{ index: 0, reason: 'value_invalid' }] });
    const misspelled = await push(secret, { gauge: {} }).expect(400);
    expect(misspelled.body.details).toMatchObject([{ path: '/body/gauge' }]);
    await push(secret, 'toy_cars 3').type('text/plain').expect(415);
    await push(secret, { gauges: {} }).expect(202);
    await push(secret, { gauges: {} }).expect(429);
  });
});
