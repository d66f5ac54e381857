import { Module } from '@nestjs/common';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { IngestionModule } from '../../ingestion/ingestion.module.js';
import { RemoteWriteService } from './remote-write.service.js';

/** Receives samples over Prometheus' remote write, at `POST /api/v1/write`. */
@Module({
  imports: [CatalogModule, IngestionModule],
  providers: [RemoteWriteService],
  exports: [RemoteWriteService],
})
export class RemoteWriteModule {}
