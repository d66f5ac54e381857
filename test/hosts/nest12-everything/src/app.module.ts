import { Module, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { makeCounterProvider, PrometheusModule } from '@willsoto/nestjs-prometheus';
import { customMetricsDataSource, CustomMetricsModule } from 'nestjs-custom-metrics';
import { KeyGuard, OwnFilter, Public, WrappingInterceptor } from './global.js';
import { InsideController } from './inside.controller.js';
import { CreateOwnMetric1700000000000, OwnMetric } from './own-metric.js';
import { OwnController } from './own.controller.js';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL,
      entities: [OwnMetric],
      migrations: [CreateOwnMetric1700000000000],
      migrationsRun: true,
    }),
    TypeOrmModule.forFeature([OwnMetric]),
    TypeOrmModule.forRoot(customMetricsDataSource(process.env.DATABASE_URL, { name: 'metrics' })),
    PrometheusModule.register({ path: '/own-metrics' }),
    CustomMetricsModule.forRoot({ dataSource: 'metrics', decorators: [Public()], explorer: { path: 'look' } }),
  ],
  controllers: [InsideController, OwnController],
  providers: [
    makeCounterProvider({ name: 'host_requests_total', help: 'Requests to the app' }),
    { provide: APP_GUARD, useClass: KeyGuard },
    { provide: APP_INTERCEPTOR, useClass: WrappingInterceptor },
    { provide: APP_FILTER, useClass: OwnFilter },
    {
      provide: APP_PIPE,
      useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
    },
  ],
})
export class AppModule {}
