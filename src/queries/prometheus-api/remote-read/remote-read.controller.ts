import { HttpCode, HttpStatus, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import type { ApiToken } from '../../../api-tokens/api-token.js';
import { CurrentToken } from '../../../api-tokens/api-token.guard.js';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { ClientSignal } from '../../../http/connections/client-signal.js';
import { PrometheusController } from '../prometheus-controller.decorator.js';
import { viewOf } from '../parameters/query-request.js';
import { RequestParameters } from '../parameters/request-parameters.js';
import { decodeReadRequest } from './read-request.js';
import { RemoteReadService } from './remote-read.service.js';
import { SnappyBody } from './snappy-body.js';

/** Serves `remote_read`, the storage interface of Prometheus. */
@PrometheusController()
export class RemoteReadController {
  constructor(
    private readonly service: RemoteReadService,
    @Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions,
  ) {}

  /** Returns the samples of the series that a Prometheus server asks for, as a snappy-compressed ReadResponse. */
  @Post('read')
  @HttpCode(HttpStatus.OK)
  @SnappyBody()
  @ApiProduces('application/x-protobuf')
  @ApiOkResponse({ description: 'A ReadResponse of samples' })
  async read(
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const queries = decodeReadRequest(request.body as Uint8Array, this.options.promql.maxReadQueries);
    const view = viewOf(RequestParameters.ofUrl(request));
    const parts = await this.service.read(queries, view, { tokenId: token.id, client });
    response.setHeader('Content-Type', 'application/x-protobuf');
    response.setHeader('Content-Encoding', 'snappy');
    await pipeline(parts, response);
  }
}
