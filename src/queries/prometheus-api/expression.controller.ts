import { Get, Req, Res } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { sendWhole } from '../../http/answers/send-json.js';
import { format } from '../../promql/syntax/printing/format.js';
import { treeToJson } from '../../promql/syntax/printing/tree-json.js';
import { parseQueryParameter } from './parameters/expression-parameter.js';
import { PostForm } from './parameters/form-body.js';
import { Parameters } from './parameters/parameters.decorator.js';
import { PrometheusController } from './prometheus-controller.decorator.js';
import { RequestParameters } from './parameters/request-parameters.js';

/** Formats and parses queries for editors. No samples are read. */
@PrometheusController()
export class ExpressionController {
  /** Returns the expression in readable lines. */
  @Get('format_query')
  @ApiQuery({ name: 'query', type: String })
  formatQuery(@Parameters() parameters: RequestParameters): object {
    return { status: 'success', data: format(parseQueryParameter(parameters.first('query'))) };
  }

  /** Returns the expression in readable lines. The parameters are sent as a form. */
  @PostForm('format_query')
  formatQueryByForm(@Parameters() parameters: RequestParameters): object {
    return this.formatQuery(parameters);
  }

  /** Returns the tree of the expression. */
  @Get('parse_query')
  @ApiQuery({ name: 'query', type: String })
  async parseQuery(
    @Parameters() parameters: RequestParameters,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const data = treeToJson(parseQueryParameter(parameters.first('query')));
    await sendWhole(request, response, { status: 'success', data });
  }

  /** Returns the tree of the expression. The parameters are sent as a form. */
  @PostForm('parse_query')
  parseQueryByForm(
    @Parameters() parameters: RequestParameters,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.parseQuery(parameters, request, response);
  }
}
