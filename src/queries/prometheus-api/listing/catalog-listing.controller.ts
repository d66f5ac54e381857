import { applyDecorators, Get, Req, Res } from '@nestjs/common';
import { ApiParam, ApiQuery } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../../../api-tokens/api-token.js';
import { CurrentToken } from '../../../api-tokens/api-token.guard.js';
import { ClientSignal } from '../../../http/connections/client-signal.js';
import { PathParameter } from '../../../http/request-parts.js';
import { sendJson } from '../../../http/answers/send-json.js';
import { parseSignedWhole } from '../../../outside-text/number.js';
import { CatalogListingService, type ListingRequest } from './catalog-listing.service.js';
import { selectorsOf } from '../parameters/expression-parameter.js';
import { PostForm } from '../parameters/form-body.js';
import { unescapeName } from '../../../outside-text/escaped-name.js';
import { Parameters } from '../parameters/parameters.decorator.js';
import { PrometheusController } from '../prometheus-controller.decorator.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import type { Asker } from '../query.service.js';
import { limitOf, viewOf } from '../parameters/query-request.js';
import { RequestParameters } from '../parameters/request-parameters.js';
import { timeParameter } from '../parameters/time-parameter.js';

/** Declares a GET route with the parameters that the listings of series and of labels share. */
function ListingRoute(path: string, needsSelector = false): MethodDecorator {
  return applyDecorators(
    Get(path),
    ApiQuery({ name: 'match[]', type: [String], required: needsSelector }),
    ...['start', 'end', 'limit'].map((name) => ApiQuery({ name, type: String, required: false })),
  );
}

/** Lists series, labels and metrics from the catalog. */
@PrometheusController()
export class CatalogListingController {
  constructor(private readonly listings: CatalogListingService) {}

  /** Lists the series that match at least one of the selectors. */
  @ListingRoute('series', true)
  series(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendSeries(parameters, { asker: { tokenId: token.id, client }, request, response });
  }

  /** Lists the series that match at least one of the selectors. The parameters are sent as a form. */
  @PostForm('series')
  seriesByForm(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.series(parameters, token, client, request, response);
  }

  /** Lists the label names. */
  @ListingRoute('labels')
  async labels(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const asker = { tokenId: token.id, client };
    await sendJson(request, response, await this.listings.labelNames(listingRequestOf(parameters), asker));
  }

  /** Lists the names of labels. The parameters are sent as a form. */
  @PostForm('labels')
  labelsByForm(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.labels(parameters, token, client, request, response);
  }

  /** Lists the values of one label. The values of `__name__` are the names of the metrics. */
  @ListingRoute('label/:name/values')
  @ApiParam({ name: 'name', type: String })
  async labelValues(
    @PathParameter('name') name: string,
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const label = unescapeName(name);
    if (!label.isWellFormed()) {
      throw new PrometheusError('bad_data', `invalid label name: ${JSON.stringify(name)}`);
    }
    const asker = { tokenId: token.id, client };
    await sendJson(request, response, await this.listings.labelValues(label, listingRequestOf(parameters), asker));
  }

  /** Returns the type, help and unit of metrics. */
  @Get('metadata')
  @ApiQuery({ name: 'metric', type: String, required: false })
  @ApiQuery({ name: 'limit', type: String, required: false })
  async metadata(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const text = parameters.first('limit');
    const limit = text === '' ? -1 : parseSignedWhole(text);
    if (limit === undefined) {
      throw new PrometheusError('bad_data', 'limit must be a number');
    }
    const metric = parameters.first('metric');
    const asker = { tokenId: token.id, client };
    const name = metric === '' ? undefined : metric;
    await sendJson(request, response, await this.listings.metadata(name, limit, asker));
  }

  private async sendSeries(
    parameters: RequestParameters,
    { asker, request, response }: { asker: Asker; request: Request; response: Response },
  ): Promise<void> {
    if (parameters.all('match[]').length === 0) {
      throw new PrometheusError('bad_data', 'no match[] parameter provided');
    }
    await sendJson(request, response, await this.listings.series(listingRequestOf(parameters), asker));
  }
}

/**
 * Reads the parameters of a listing. Without `start` and `end`, the listing covers all times.
 *
 * @throws PrometheusError
 */
function listingRequestOf(parameters: RequestParameters): ListingRequest {
  const limit = limitOf(parameters);
  const view = viewOf(parameters);
  const start = parameters.first('start');
  const end = parameters.first('end');
  const startMs = start === '' ? -Infinity : timeParameter('start', start);
  const endMs = end === '' ? Infinity : timeParameter('end', end);
  const range = start === '' && end === '' ? undefined : { startMs, endMs };
  return { selectors: selectorsOf(parameters, view), view, range, limit };
}
