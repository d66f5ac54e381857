import { Controller, Delete, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiParam,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { RequireScope } from '../../api-tokens/api-token.guard.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { PathParameter, RequestQuery } from '../../http/request-parts.js';
import { MetricRemovalQueryDto, SeriesRemovalQueryDto } from './dto/removal-query.dto.js';
import { RemovalResponse } from './dto/removal.response.js';
import { MetricRemovalService } from './metric-removal.service.js';

/** Removes metrics and series over HTTP. */
@ApiTags('metrics')
@Controller('api/admin/metrics')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
@ApiBadRequestResponse({ description: 'A parameter is invalid or unknown; nothing was removed' })
@ApiNotFoundResponse({ description: 'There is no such metric' })
export class MetricRemovalController {
  constructor(private readonly removal: MetricRemovalService) {}

  /** Removes a metric, its series and all their samples permanently. Its name can then be used for a metric of any type. */
  @Delete(':name')
  @ApiQuery({ type: MetricRemovalQueryDto })
  @ApiParam({ name: 'name', type: String, example: 'http_responses_total' })
  @ApiConflictResponse({ description: 'The counter belongs to a histogram; the message says what to do' })
  removeMetric(
    @PathParameter('name') name: string,
    @RequestQuery(new DtoPipe(MetricRemovalQueryDto, 'query')) { dryRun }: MetricRemovalQueryDto,
  ): Promise<RemovalResponse> {
    return this.removal.removeMetric(name, dryRun ?? false);
  }

  /** Removes some series of a metric and all their samples permanently. The next push with their labels creates new series. */
  @Delete(':name/series')
  @ApiQuery({ type: SeriesRemovalQueryDto })
  @ApiParam({ name: 'name', type: String, example: 'http_responses_total' })
  removeSeries(
    @PathParameter('name') name: string,
    @RequestQuery(new DtoPipe(SeriesRemovalQueryDto, 'query')) { label, dryRun }: SeriesRemovalQueryDto,
  ): Promise<RemovalResponse> {
    return this.removal.removeSeries(name, label, dryRun ?? false);
  }
}
