import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { customMetricsDataSource, CustomMetricsModule } from 'nestjs-custom-metrics';
import { InsideController } from './inside.controller.js';

@Module({
  imports: [
    TypeOrmModule.forRoot(customMetricsDataSource(process.env.DATABASE_URL)),
    CustomMetricsModule.forRoot({ promql: { workerFile: new URL('./promql-worker.js', import.meta.url).href } }),
  ],
  controllers: [InsideController],
})
export class AppModule {}
