import { Controller, Put, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiConflictResponse, ApiParam, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../../api-tokens/api-token.guard.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { PathParameter, RequestBody } from '../../http/request-parts.js';
import { JsonBody } from '../../http/bodies/json-body.js';
import { MetricDeclarationDto } from './dto/metric-declaration.dto.js';
import { MetricResponse } from './dto/metric.response.js';
import { MetricDeclarationsService } from './metric-declarations.service.js';
import { WithinStoreWait } from '../../api-tokens/limits/within-store-wait.js';

/** Declares metrics over HTTP, before or after their first sample. */
@ApiTags('metrics')
@Controller('api/admin/metrics')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
export class MetricDeclarationsController {
  constructor(private readonly declarations: MetricDeclarationsService) {}

  /** Declares a metric. Repeating a declaration changes nothing; the help text and the unit can be changed at any time. */
  @Put(':name')
  @WithinStoreWait()
  @JsonBody()
  @ApiParam({ name: 'name', type: String, example: 'http_responses_total' })
  @ApiBody({ type: MetricDeclarationDto })
  @ApiConflictResponse({ description: 'The declaration contradicts the existing metric; the message says what to do' })
  @ApiServiceUnavailableResponse({
    description:
      'This process has no memory for a further metric, or the store cannot answer now; try again after Retry-After',
  })
  async declare(
    @PathParameter('name') name: string,
    @RequestBody(new DtoPipe(MetricDeclarationDto)) declaration: MetricDeclarationDto,
  ): Promise<MetricResponse> {
    return MetricResponse.of(await this.declarations.declare(name, declaration));
  }
}
