import { Module } from '@nestjs/common';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { RefusalsModule } from '../../refusals/refusals.module.js';
import { OtlpService } from './otlp.service.js';

/** Receives metrics from OpenTelemetry exporters, which send OTLP over HTTP to `POST /v1/metrics`. */
@Module({
  imports: [IngestionModule, RefusalsModule],
  providers: [OtlpService],
  exports: [OtlpService],
})
export class OtlpModule {}
