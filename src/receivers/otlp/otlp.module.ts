import { Module } from '@nestjs/common';
import { ApiTokensModule } from '../../api-tokens/api-tokens.module.js';
import { HttpModule } from '../../http/http.module.js';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { OtlpController } from './otlp.controller.js';
import { OtlpService } from './otlp.service.js';

/** Receives metrics from OpenTelemetry exporters: OTLP over HTTP at `POST /v1/metrics`. */
@Module({
  imports: [ApiTokensModule, HttpModule, IngestionModule],
  controllers: [OtlpController],
  providers: [OtlpService],
})
export class OtlpModule {}
