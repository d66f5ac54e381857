import { Controller, Get, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { StorageReporter } from '../../sample-store/storage/storage-reporter.js';
import { StorageResponse } from './dto/storage.response.js';
import { WithinStoreWait } from '../../api-tokens/limits/within-store-wait.js';

/** Reports how much is stored. */
@ApiTags('operation')
@Controller('api/admin/storage')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
@ApiServiceUnavailableResponse({ description: 'Postgres does not answer in time; try again after Retry-After' })
export class StorageController {
  constructor(private readonly storage: StorageReporter) {}

  /**
   * Returns the sizes of the tables, the number of samples, and the lags of compaction and of the answering process. An answer
   * can be up to ten seconds old.
   */
  @Get()
  @WithinStoreWait()
  async read(): Promise<StorageResponse> {
    return StorageResponse.of(await this.storage.read());
  }
}
